import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convert, factsOf, NO_GUEST, warningCodes } from './samples.ts';

/** `centos 6 x86_64` of an OSTEMPLATE. */
function ofTemplate(ostemplate: string): string {
  const { distribution, version, arch } = convert(`OSTEMPLATE="${ostemplate}"`).config;
  return `${distribution} ${version} ${arch}`;
}

const TEMPLATES: readonly (readonly [ostemplate: string, expected: string])[] = [
  ['centos-6-x86_64-minimal', 'centos 6 x86_64'],
  ['.centos-6-x86_64', 'centos 6 x86_64'],
  ['centos-6', 'centos 6 x86_64'],
  ['centos7-x86_64', 'centos 7 x86_64'],
  ['centos-5-x86', 'centos 5 x86'],
  ['centos-5-i386', 'centos 5 x86'],
  ['CentOS-6-AMD64', 'centos 6 x86_64'],
  ['centos-6-x86-64', 'centos 6 x86_64'],
  ['centos-5.11-i686-hostinabox', 'centos 5 x86'],
  ['scientific-6', 'centos 6 x86_64'],
  ['scientific-6-x86_64', 'centos 6 x86_64'],
  ['sl-6-x86', 'centos 6 x86'],
  ['redhat-6-x86_64', 'centos 6 x86_64'],
  ['rhel-7', 'centos 7 x86_64'],
  ['oraclelinux-6.5-i586', 'centos 6 x86'],
  ['redhat-as4-minimal', 'centos 0 x86_64'],
  ['rhel-5-lystor', 'centos 5 x86_64'],
  ['oracle-6-x86_64', 'centos 6 x86_64'],
  ['ol-7-x86_64', 'centos 7 x86_64'],
  ['cloudlinux-6-x86_64', 'centos 6 x86_64'],
  ['vzlinux-7-x86_64', 'centos 7 x86_64'],
  ['debian-7.0-x86_64', 'debian 7 x86_64'],
  ['debian-8.0-x86_64-minimal', 'debian 8 x86_64'],
  ['debian-7.0-standard_7.0-2_i386.tar.gz', 'debian 7 x86'],
  ['local:vztmpl/debian-7.0-standard_7.0-2_i386.tar.gz', 'debian 7 x86'],
  ['local:vztmpl/ubuntu-12.04-standard_12.04-1_amd64.tar.gz', 'ubuntu 12.04 x86_64'],
  ['/vz/template/cache/debian-6.0-x86.tgz', 'debian 6 x86'],
  ['ubuntu-14.04-x86_64', 'ubuntu 14.04 x86_64'],
  ['ubuntu-12.04-x86_64-devel', 'ubuntu 12.04 x86_64'],
  ['ubuntu-10.04-i386-eseri-1.9', 'ubuntu 10.04 x86'],
  ['fedora-20-x86_64', 'fedora 20 x86_64'],
  ['suse-13.1-x86_64', 'opensuse 13.1 x86_64'],
  ['opensuse-12.3-x86', 'opensuse 12.3 x86'],
  ['suse-42.1-x86_64', 'opensuse leap-42.1 x86_64'],
  ['opensuse-leap-15.0-x86_64', 'opensuse leap-15.0 x86_64'],
  ['opensuse-tumbleweed-20180210', 'opensuse tumbleweed-20180210 x86_64'],
  ['sles-11-x86_64', 'opensuse 11 x86_64'],
  ['sles-15-x86_64', 'opensuse 15 x86_64'],
  ['arch-20131014-x86_64', 'arch 20131014 x86_64'],
  ['archlinux-x86_64', 'arch 0 x86_64'],
  ['gentoo-20180210-x86_64', 'gentoo 20180210 x86_64'],
  ['alpine-3.1-x86_64', 'alpine 3.1 x86_64'],
  ['alpine-3.1.4-x86_64', 'alpine 3.1 x86_64'],
  ['devuan-1.0-x86_64', 'devuan 1.0 x86_64'],
  ['devuan-1-x86_64', 'devuan 1.0 x86_64'],
  ['slackware-14.1-x86_64', 'slackware 14.1 x86_64'],
  ['void-20180210-x86_64', 'void glibc-20180210 x86_64'],
  ['void-x86_64-musl-20171007', 'void musl-20171007 x86_64'],
  ['nixos-18.09-x86_64', 'nixos 18.09 x86_64'],
  ['almalinux-8-x86_64', 'almalinux 8 x86_64'],
  ['almalinux-8', 'almalinux 8 x86_64'],
  ['rocky-8', 'rocky 8 x86_64'],
  ['rocky-8.5-x86_64', 'rocky 8 x86_64'],
  // Names of releases instead of versions
  ['ubuntu-trusty-x86_64', 'ubuntu 14.04 x86_64'],
  ['ubuntu-dapper-i386', 'ubuntu 6.06 x86'],
  ['ubuntu-trusty-20140501-amd64', 'ubuntu 14.04 x86_64'],
  ['ubuntu-12.04-precise-x86', 'ubuntu 12.04 x86'],
  ['debian-wheezy-amd64', 'debian 7 x86_64'],
  ['Debian-Squeeze-x86', 'debian 6 x86'],
  ['devuan-jessie-x86_64', 'devuan 1.0 x86_64'],
  ['redhat-el6-x86', 'centos 6 x86'],
  ['centos-el7-x86_64', 'centos 7 x86_64'],
  ['debian-trusty-x86_64', 'debian 0 x86_64'],
  ['debian-constructor-x86', 'debian 0 x86'],
  ['customer-template', 'other 0 x86_64'],
  ['my-centos-6-x86', 'other 0 x86'],
  ['constructor-1', 'other 0 x86_64'],
  ['', 'other 0 x86_64'],
  ['-', 'other 0 x86_64'],
  ['x'.repeat(100_000), 'other 0 x86_64'],
];

for (const [ostemplate, expected] of TEMPLATES) {
  test(`OSTEMPLATE ${ostemplate.slice(0, 60)}`, () => assert.equal(ofTemplate(ostemplate), expected));
}

test('differences and guesses are warned of', () => {
  const guest = { ...NO_GUEST, osRelease: { id: 'debian', versionId: '9' }, elfClass: 32 } as const;
  const upgraded = convert('OSTEMPLATE="debian-6.0-x86_64"', {}, { facts: factsOf({ guest }) });
  assert.deepEqual(
    warningCodes(upgraded).filter((code) => code.endsWith('DIFFERS')),
    ['TEMPLATE_DIFFERS', 'ARCH_DIFFERS'],
  );
  const same = convert('OSTEMPLATE="debian-9-x86"', {}, { facts: factsOf({ guest }) });
  assert.ok(!warningCodes(same).some((code) => code.endsWith('DIFFERS')));
  assert.ok(warningCodes(convert('OSTEMPLATE="sl-6-x86"')).includes('DISTRIBUTION_RELATIVE'));
  assert.ok(warningCodes(convert('OSTEMPLATE="arch-x86"')).includes('VERSION_UNKNOWN'));
  assert.ok(warningCodes(convert('OSTEMPLATE="mine"')).includes('DISTRIBUTION_UNKNOWN'));
  assert.ok(warningCodes(convert('OSTEMPLATE="debian-7.0"')).includes('ARCH_UNKNOWN'));
});

test('flags have the last word', () => {
  const named = convert('OSTEMPLATE="mine"', {
    distribution: 'debian',
    distributionVersion: '10',
    arch: 'x86',
  });
  assert.deepEqual(
    [
      named.config.distribution,
      named.config.version,
      named.config.arch,
      warningCodes(named).includes('ARCH_UNKNOWN'),
    ],
    ['debian', '10', 'x86', false],
  );
  const versioned = convert('OSTEMPLATE="debian-7.0-x86"', { distributionVersion: '8' });
  assert.equal(versioned.config.version, '8');
  // The version of another distribution would be wrong.
  const renamed = convert('OSTEMPLATE="debian-7.0-x86"', { distribution: 'devuan' });
  assert.equal(renamed.config.version, '0');
});

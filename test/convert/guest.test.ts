import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '../../lib/documents/facts.ts';
import { convert, factsOf, NO_GUEST } from './samples.ts';

type Guest = Partial<Facts['guest']>;

const GUESTS: readonly (readonly [what: string, ostemplate: string, guest: Guest, expected: string])[] = [
  [
    'upgraded',
    'debian-6.0-x86',
    { osRelease: { id: 'debian', versionId: '9' }, elfClass: 32 },
    'debian 9 x86',
  ],
  ['other', 'centos-6-x86_64', { osRelease: { id: 'ubuntu', versionId: '16.04' } }, 'ubuntu 16.04 x86_64'],
  ['32-bit', 'centos-6-x86_64', { elfClass: 32 }, 'centos 6 x86'],
  [
    '64-bit, no template',
    '',
    { osRelease: { id: 'alpine', versionId: '3.7.0' }, elfClass: 64 },
    'alpine 3.7 x86_64',
  ],
  ['leap', '', { osRelease: { id: 'opensuse-leap', versionId: '42.3' } }, 'opensuse leap-42.3 x86_64'],
  ['relative', '', { osRelease: { id: 'ol', versionId: '7.9' } }, 'centos 7 x86_64'],
  ['dated', 'arch-20131014-x86_64', { osRelease: { id: 'arch', versionId: null } }, 'arch 20131014 x86_64'],
  ['unknown', 'centos-6-x86_64', { osRelease: { id: 'plan9', versionId: '4' } }, 'other 0 x86_64'],
  [
    'testing',
    'debian-8.0-x86_64',
    { osRelease: { id: 'debian', versionId: null }, releaseFiles: { debian_version: 'buster/sid' } },
    'debian 10 x86_64',
  ],
  [
    'old CentOS',
    '',
    { releaseFiles: { 'redhat-release': 'CentOS release 5.11 (Final)' } },
    'centos 5 x86_64',
  ],
  [
    'old RHEL',
    '',
    { releaseFiles: { 'redhat-release': 'Red Hat Enterprise Linux Server release 5.11 (Tikanga)' } },
    'centos 5 x86_64',
  ],
  [
    'old Fedora',
    '',
    { releaseFiles: { 'redhat-release': 'Fedora release 14 (Laughlin)' } },
    'fedora 14 x86_64',
  ],
  ['old Debian', 'debian-5.0-x86', { releaseFiles: { debian_version: '6.0.10' } }, 'debian 6 x86'],
  ['old Ubuntu', 'ubuntu-10.04-x86', { releaseFiles: { debian_version: 'squeeze/sid' } }, 'ubuntu 10.04 x86'],
  ['old SUSE', '', { releaseFiles: { 'SuSE-release': 'openSUSE 13.1 (x86_64)' } }, 'opensuse 13.1 x86_64'],
  [
    'old SLES',
    '',
    { releaseFiles: { 'SuSE-release': 'SUSE Linux Enterprise Server 11 (x86_64)' } },
    'opensuse 11 x86_64',
  ],
  ['Slackware', '', { releaseFiles: { 'slackware-version': 'Slackware 14.1' } }, 'slackware 14.1 x86_64'],
  ['Alpine', '', { releaseFiles: { 'alpine-release': '3.1.4' } }, 'alpine 3.1 x86_64'],
  [
    'Gentoo',
    'gentoo-20180210',
    { releaseFiles: { 'gentoo-release': 'Gentoo Base System release 2.4.1' } },
    'gentoo 20180210 x86_64',
  ],
  ['Arch', '', { releaseFiles: { 'arch-release': '' } }, 'arch 0 x86_64'],
  ['void', 'void-20180210', { osRelease: { id: 'void', versionId: null } }, 'void glibc-20180210 x86_64'],
  ['void, unknown', '', { osRelease: { id: 'void', versionId: null } }, 'void 0 x86_64'],
  ['nixos', '', { osRelease: { id: 'nixos', versionId: '18.09' } }, 'nixos 18.09 x86_64'],
  ['devuan', '', { osRelease: { id: 'devuan', versionId: '3' } }, 'devuan 3.0 x86_64'],
  [
    'early devuan',
    'debian-8.0-x86_64',
    {
      osRelease: { id: 'devuan', versionId: null },
      releaseFiles: { debian_version: 'jessie/ceres', devuan_version: 'ascii' },
    },
    'devuan 2.0 x86_64',
  ],
  [
    'devuan without os-release',
    '',
    { releaseFiles: { debian_version: '8.0', devuan_version: 'jessie' } },
    'devuan 1.0 x86_64',
  ],
  [
    'upgraded old Ubuntu',
    'ubuntu-8.04-x86',
    { releaseFiles: { debian_version: 'squeeze/sid', 'lsb-release': 'Ubuntu 10.04' } },
    'ubuntu 10.04 x86',
  ],
  [
    'old Ubuntu, no template',
    '',
    { releaseFiles: { debian_version: 'squeeze/sid', 'lsb-release': 'Ubuntu 10.04' } },
    'ubuntu 10.04 x86_64',
  ],
  [
    'lsb-release of CentOS',
    '',
    { releaseFiles: { 'redhat-release': 'CentOS release 6.10 (Final)', 'lsb-release': '' } },
    'centos 6 x86_64',
  ],
  [
    'Oracle',
    '',
    { releaseFiles: { 'redhat-release': 'Oracle Linux Server release 6.9' } },
    'centos 6 x86_64',
  ],
  [
    'Scientific',
    '',
    { releaseFiles: { 'redhat-release': 'Scientific Linux release 6.10 (Carbon)' } },
    'centos 6 x86_64',
  ],
  [
    'CentOS 7 by redhat-release',
    '',
    { releaseFiles: { 'redhat-release': 'CentOS Linux release 7.9.2009 (Core)' } },
    'centos 7 x86_64',
  ],
  [
    'CloudLinux',
    '',
    { releaseFiles: { 'redhat-release': 'CloudLinux Server release 6.10 (Oleg)' } },
    'centos 6 x86_64',
  ],
  ['SLES by os-release', '', { osRelease: { id: 'sles', versionId: '11.4' } }, 'opensuse 11.4 x86_64'],
  [
    'Slackware by os-release',
    '',
    { osRelease: { id: 'slackware', versionId: '14.2' } },
    'slackware 14.2 x86_64',
  ],
  [
    'tumbleweed',
    '',
    { osRelease: { id: 'opensuse-tumbleweed', versionId: '20180210' } },
    'opensuse tumbleweed-20180210 x86_64',
  ],
];

for (const [what, ostemplate, guest, expected] of GUESTS) {
  test(`the root filesystem counts: ${what}`, () => {
    const facts = factsOf({ guest: { ...NO_GUEST, ...guest } });
    const { distribution, version, arch } = convert(`OSTEMPLATE="${ostemplate}"`, {}, { facts }).config;
    assert.equal(`${distribution} ${version} ${arch}`, expected);
  });
}

test('a version that the guest makes up never becomes a part of a path', () => {
  for (const versionId of ['musl-/../../x 20180210', 'glibc-\u001b[2J 20180210', '9'.repeat(200), '../7']) {
    for (const id of ['void', 'debian', 'opensuse', 'ubuntu', 'alpine', 'nixos', 'arch']) {
      const guest = { ...NO_GUEST, osRelease: { id, versionId } };
      const { version } = convert('', {}, { facts: factsOf({ guest }) }).config;
      assert.match(version, /^(0|(glibc-|tumbleweed-)?20180210)$/, `${id} ${versionId}`);
    }
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFlags } from '../../lib/cli/flags.ts';
import { vzToOsctl } from '../../lib/cli/specs/vz-to-osctl.ts';
import type { ConvertOptions } from '../../lib/convert/options.ts';
import { DEFAULT_OPTIONS } from '../../lib/convert/options.ts';
import { readOptions } from '../../lib/convert/read-options.ts';
import { VzError } from '../../lib/errors.ts';

function read(...argv: string[]): ConvertOptions {
  return readOptions(parseFlags(argv, vzToOsctl));
}

test('no flags give the defaults', () => assert.deepEqual(read(), DEFAULT_OPTIONS));

test('flags are read and brought into one form', () => {
  const options = read(
    ...['--as-id', 'web-1', '--hostname', 'web.example.com', '--arch', 'x86', '--group', '/customers/web'],
    ...['--netif-hwaddr', '00:16:3E:AB:CD:EF', '--netif-name', 'net0', '--bridge-link', 'br0'],
    ...['--ipv4-prefix', '24', '--ipv6-prefix', '64', '--gateway-v4', '10.0.0.1', '--gateway-v6', 'none'],
    ...[
      '--user',
      'web',
      '--uid-map',
      '0:666000:65536',
      '--distribution',
      'debian',
      '--distribution-version',
      '9',
    ],
    ...['--clone', '--bridge-map', 'vmbr0=br0', '--bridge-map', 'vmbr1=br1'],
    ...['--ip', 'eth0=10.9.0.7/24', '--ip', 'eth0=2001:DB8::7', '--ip=eth1=10.9.1.7/32'],
  );
  const shown = [...options.ips].map(([name, list]) => [
    name,
    list.map(({ address, prefix }) => [address.text, prefix]),
  ]);
  assert.deepEqual(shown, [
    [
      'eth0',
      [
        ['10.9.0.7', 24],
        ['2001:db8::7', null],
      ],
    ],
    ['eth1', [['10.9.1.7', 32]]],
  ]);
  assert.deepEqual(
    { ...options, ips: null },
    {
      ...{
        id: 'web-1',
        hostname: 'web.example.com',
        distribution: 'debian',
        distributionVersion: '9',
        arch: 'x86',
      },
      user: { name: 'web', uidMap: ['0:666000:65536'] },
      group: '/customers/web',
      netif: {
        ...{ type: 'bridge', name: 'net0', hwaddr: '00:16:3e:ab:cd:ef', link: 'br0' },
        prefixes: { v4: 24, v6: 64 },
        gateways: { v4: '10.0.0.1', v6: 'none' },
      },
      clone: true,
      bridgeMap: new Map([
        ['vmbr0', 'br0'],
        ['vmbr1', 'br1'],
      ]),
      ips: null,
      bridgeFlags: ['--bridge-link', '--gateway-v4', '--gateway-v6'],
      withoutEffect: [],
      zfs: DEFAULT_OPTIONS.zfs,
    },
  );
});

const REFUSED: readonly (readonly string[])[] = [
  ...['--as-id=-x', '--as-id=a b', '--as-id=../x', `--as-id=${'x'.repeat(101)}`, '--as-id=a\nb'].map(
    (one) => [one],
  ),
  ...['--hostname=.', '--hostname=a b', '--hostname=a\nlxc.hook=x', '--hostname=-a'].map((one) => [one]),
  ...['--netif-name=sixteen-bytes-xy', '--netif-name=a/b', '--bridge-link=a b', '--netif-name=ž'].map(
    (one) => [one],
  ),
  ...[
    '00:16:3e:00:00',
    '00-16-3e-00-00-01',
    '01:00:5e:00:00:01',
    '00:00:00:00:00:00',
    'ff:ff:ff:ff:ff:ff',
  ].map((mac) => ['--netif-hwaddr', mac]),
  ...['0', '33', '-1', '24x', '1e1'].map((prefix) => [`--ipv4-prefix=${prefix}`]),
  ...['0', '129'].map((prefix) => ['--ipv6-prefix', prefix]),
  ...['yes', '2001:db8::1', '10.0.0', '10.0.0.1/24'].map((gateway) => ['--gateway-v4', gateway]),
  ['--gateway-v6', '10.0.0.1'],
  ['--netif-type', 'veth'],
  ...['default', '/', '/a/../b', '/a b', '//a', '/a/'].map((group) => ['--group', group]),
  ['--user', 'web'],
  ['--uid-map', '0:666000:65536'],
  ['--user', 'Web', '--uid-map', '0:666000:65536'],
  ...['0:0:65536', '0:666000:0', '0:666000', 'a:b:c', '0:4294967000:65536', '0:666000:65536:'].map((map) => [
    ...['--user', 'web', '--uid-map', map],
  ]),
  ['--user', 'web', '--uid-map', '0:1000:100', '--uid-map', '99:5000:100'],
  ['--user', 'web', '--uid-map', '0:1000:100', '--uid-map', '100:1099:100'],
  ['--distribution', 'redhat'],
  ['--distribution-version', '1\n2'],
  ['--arch', 'arm'],
  ['--clone'],
  ...['vmbr0', 'vmbr0=', '=br0', 'vmbr0=a b', 'vmbr0=br0=1', 'a b=br0'].map((map) => ['--bridge-map', map]),
  ['--bridge-map', 'vmbr0=br0', '--bridge-map', 'vmbr0=br1'],
  ...[
    '10.0.0.1',
    'eth0=',
    'eth0=x',
    'eth0=10.0.0.1/33',
    'eth0=10.0.0.1/0',
    'eth0=10.0.0.1/00',
    'eth0=255.255.255.255',
    'lo=10.0.0.1/24',
    'eth0=0.0.0.0',
    'eth0=224.0.0.1',
  ].map((ip) => ['--ip', ip]),
  ...['eth0=10.0.0.1/', 'eth0=::1/128', 'eth0:1=10.0.0.1', '-x=10.0.0.1', 'eth0=10.0.0.1/255.0.0.0'].map(
    (ip) => ['--ip', ip],
  ),
  ['--ip', 'eth0=10.0.0.1/24', '--ip', 'eth1=10.0.0.1/32'],
];

for (const argv of REFUSED) {
  test(`refused: ${JSON.stringify(argv.join(' ').slice(0, 60))}`, () => {
    assert.throws(
      () => read(...argv),
      (error) => error instanceof VzError && error.exit === 64 && !error.line.includes('\n'),
    );
  });
}

test('a misspelt distribution gets the nearest name', () => {
  assert.throws(() => read('--distribution', 'debain'), { hint: 'did you mean debian?' });
  assert.equal(read('--distribution', 'other').distribution, 'other');
});

test('flags without effect are said to be', () => {
  const { withoutEffect } = read(
    '--netif-type',
    'routed',
    '--ipv4-prefix',
    '24',
    '--route-via',
    '10.0.0.1/24',
  );
  assert.equal(withoutEffect.length, 2);
  assert.match(withoutEffect[0] ?? '', /^--ipv4-prefix has no effect on a routed interface/);
  assert.match(withoutEffect[1] ?? '', /^--route-via has no effect/);
});

test('flags about ZFS', () => {
  const given = { isZfs: true, dataset: null, subdir: null, compressedSend: false };
  assert.deepEqual(read('--zfs').zfs, given);
  assert.deepEqual(read('--no-zfs').zfs, { ...given, isZfs: false });
  assert.deepEqual(read('--zfs-compressed-send').zfs, { ...given, isZfs: null, compressedSend: true });
  const named = read('--zfs-dataset', 'vz/private/101', '--zfs-subdir', 'private/');
  assert.deepEqual(named.zfs, { ...given, dataset: 'vz/private/101', subdir: 'private' });
  assert.equal(read('--zfs-dataset', 'a/b c:d', '--zfs-subdir', '.').zfs.subdir, '.');
  for (const name of [
    '/vz',
    'vz/',
    'vz//a',
    '1vz/a',
    '-r',
    'vz/a@s',
    'vz/a#b',
    'vz/a;b',
    'vz/$(x)',
    'vz/-r',
    'ü',
  ])
    refuses(`--zfs-dataset=${name}`);
  for (const name of ['/private', '../x', 'a/../b', 'a//b', './a', '/'])
    refuses('--zfs-dataset', 'vz/a', `--zfs-subdir=${name}`);
  refuses('--zfs-subdir', 'private');
  refuses('--no-zfs', '--zfs-dataset', 'vz/a');
  refuses('--no-zfs', '--zfs-compressed-send');
});

function refuses(...argv: string[]): void {
  assert.throws(
    () => read(...argv),
    (error) => error instanceof VzError && error.exit === 64,
    argv.join(' '),
  );
}

test('--vpsadmin: its dataset and a routed eth0, whatever is said besides', () => {
  const { zfs, netif, withoutEffect } = read('--vpsadmin');
  assert.deepEqual(zfs, {
    isZfs: true,
    dataset: 'vz/private/%{veid}',
    subdir: 'private',
    compressedSend: false,
  });
  assert.deepEqual([netif.type, netif.name, withoutEffect], ['routed', 'eth0', []]);
  const said = read('--vpsadmin', '--netif-type', 'bridge', '--netif-name', 'net0', '--zfs-compressed-send');
  assert.deepEqual([said.netif.type, said.netif.name, said.zfs.compressedSend], ['routed', 'eth0', true]);
  assert.deepEqual(said.withoutEffect, [
    '--netif-type has no effect with --vpsadmin',
    '--netif-name has no effect with --vpsadmin',
  ]);
  assert.throws(() => read('--vpsadmin', '--no-zfs'), /--no-zfs: contradicts --vpsadmin/);
});

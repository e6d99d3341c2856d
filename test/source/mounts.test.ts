import assert from 'node:assert/strict';
import { it } from 'node:test';
import { mountedDatasets, ownDataset, parseDatasets } from '../../lib/source/datasets.ts';
import { mountOf, mountsBelow, parseMounts } from '../../lib/source/mounts.ts';
import { parseResolvConf } from '../../lib/source/resolv-conf.ts';

const MOUNTS = parseMounts(
  [
    'rootfs / rootfs rw 0 0',
    '/dev/sda1 / ext4 rw 0 0',
    '/dev/sda2 /vz ext4 rw 0 0',
    '/vz/private/101 /vz/root/101 simfs rw 0 0',
    'nas:/x /vz/private/101/mnt/a\\040b\\134c\\012d\\303\\251 nfs rw 0 0',
    '/vz/private/1011 /vz/private/1011/sub none rw 0 0',
    'vz/private/102 /vz/private/102 zfs rw 0 0',
    'vz/private/103 /vz/private/103 zfs rw 0 0',
    '',
  ].join('\n'),
);

it('mounts: escapes, the one that holds a path, those below', () => {
  assert.deepEqual(mountsBelow(MOUNTS, '/vz/private/101'), ['/vz/private/101/mnt/a b\\c\ndé']);
  assert.equal(mountOf(MOUNTS, '/vz/private/101')?.device, '/dev/sda2');
  assert.equal(mountOf(MOUNTS, '/vz/private/102/x')?.path, '/vz/private/102');
  assert.equal(mountOf(MOUNTS, '/etc')?.device, '/dev/sda1');
  assert.deepEqual(mountsBelow(MOUNTS, '/nowhere'), []);
});

it('datasets: the own one, never one of many containers', () => {
  const list = parseDatasets(
    'vz\t/vz\nvz/private\t/vz/private\nvz/private/102\t/vz/private/102\nvz/private/102/var\tlegacy\nvz/private/103\tlegacy\n',
  );
  const datasets = mountedDatasets(list, MOUNTS);
  assert.equal(ownDataset(datasets, '/vz/private/101', '101'), null);
  assert.deepEqual(ownDataset(datasets, '/vz/private/102', '102'), {
    name: 'vz/private/102',
    mountpoint: '/vz/private/102',
    children: ['vz/private/102/var'],
  });
  assert.equal(ownDataset(datasets, '/vz/private/102/private', '102')?.name, 'vz/private/102');
  assert.equal(ownDataset(datasets, '/vz/private/103/private', '103')?.mountpoint, '/vz/private/103');
  assert.equal(ownDataset(datasets, '/vz/private', '102')?.name, 'vz/private');
});

it('resolv.conf: the last search list counts', () => {
  const text =
    '# nameserver 9.9.9.9\nnameserver 192.0.2.1\n nameserver 192.0.2.9\nnameserver\t2001:db8::1 # x\ndomain a\nsearch b c\r\nnameserver\n';
  assert.deepEqual(parseResolvConf(text), {
    nameservers: ['192.0.2.1', '2001:db8::1'],
    searchDomains: ['b', 'c'],
  });
});

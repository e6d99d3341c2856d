import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Tree } from './guest-tree.ts';
import { describeTree, makeTree, runFixes, runUndo } from './guest-tree.ts';

const line = (...lines: string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...lines) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 20 }) },
  );
const file = (...lines: string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(line(...lines), { maxLength: 12 }), fc.boolean())
    .map(([all, ends]) => all.join('\n') + (ends ? '\n' : ''));

const tree: fc.Arbitrary<Tree> = fc.record({
  'etc/inittab': file(
    'si::sysinit:/etc/rc',
    '::sysinit:/sbin/openrc',
    'pf::powerwait:/sbin/halt',
    'pf::powerfail:/x',
    '1:2345:respawn:/sbin/getty 38400 tty1',
    'tty0::respawn:/sbin/getty 38400 tty0',
    'co:2345:respawn:/sbin/agetty 38400 console',
    '#1:2345:respawn:/sbin/getty 38400 tty1',
    'vz:2345:once:touch /.vzfifo',
  ),
  'etc/network/interfaces': file(
    'auto venet0',
    'auto lo venet0:1 eth0',
    'iface venet0 inet static',
    'iface lo inet loopback',
    '\taddress 127.0.0.1',
    '# comment',
    '',
    'source /etc/network/interfaces.d/*',
  ),
  'etc/fstab': file(
    'none /dev/pts devpts rw 0 0',
    '/dev/ploop1p1 / ext4 rw 0 0',
    'proc /proc proc rw 0 0',
    '# x',
  ),
  'etc/conf.d/net': file('config_venet0=("a"', '"b")', 'routes_venet0="x', 'y"', 'config_eth0="dhcp"'),
  'etc/rc.conf': file(
    'rc_sys="openvz"',
    'INTERFACES=(lo venet0 venet0_1)',
    'venet0="x"',
    'DAEMONS=(a vzquota)',
  ),
  'etc/rc.d/rc.sysinit': file(
    '/sbin/start_udev',
    '[ -x /a ] && /sbin/start_udev',
    ': /sbin/start_udev',
    'fi',
  ),
  'etc/sysconfig/network': file('GATEWAYDEV="venet0"', 'GATEWAY=192.0.2.1', 'HOSTNAME=a'),
  'sbin/getty': fc.constant(''),
});

test('whatever stands in the files: fixed twice is fixed once, and undo brings all back', (t) => {
  fc.assert(
    fc.property(tree, (files) => {
      const root = makeTree(t, files);
      const before = describeTree(root);
      runFixes(root);
      const fixed = describeTree(root);
      const second = runFixes(root);
      assert.deepEqual(
        second.fixes.filter(([, outcome]) => outcome === 'applied'),
        [],
      );
      assert.equal(describeTree(root), fixed);
      assert.equal(runUndo(root).code, 0);
      assert.equal(describeTree(root), before);
      rmSync(root, { recursive: true });
    }),
    { numRuns: 15 },
  );
});

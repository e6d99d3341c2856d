import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cgroupParameter } from '../../lib/documents/cgroup-parameter.ts';
import { containerYml } from '../../lib/documents/container-yml.ts';
import { followUp } from '../../lib/documents/follow-up.ts';
import { osctlContainer } from '../../lib/documents/osctl-container.ts';
import { sampleDocument } from '../support/sample-document.ts';

const REFUSED_PARAMETERS = [
  // What would open the node's disks to the container.
  [1, 'devices', 'devices.allow', 'a *:* rwm'],
  [2, 'memory', 'memory.max', 0],
  [2, 'memory', 'memory.max', '1G'],
  [2, 'memory', '../../memory.max', 1],
  [2, 'cpu', 'cpu.max', '0 100000'],
  [2, 'cpu', 'cpu.max', '999 100000'],
  [2, 'cpu', 'cpu.max', '50000 50000'],
  [2, 'cpu', 'cpu.max', 'NaN 100000'],
  [2, 'cpu', 'cpu.weight', 0],
  [2, 'cpu', 'cpu.weight', 10_001],
  [1, 'cpu', 'cpu.weight', 100],
  [1, 'cpu', 'cpu.cfs_quota_us', 999],
  [1, 'cpu', 'cpu.shares', 1],
  [1, 'cpu', 'cpu.shares', 262_145],
  [2, 'pids', 'pids.max', 0],
  [2, 'pids', 'pids.max', 4_194_305],
] as const;

for (const [version, subsystem, name, value] of REFUSED_PARAMETERS) {
  test(`refuses the cgroup parameter ${name} of version ${version} with ${JSON.stringify(value)}`, () => {
    assert.equal(cgroupParameter.safeParse({ version, subsystem, name, value: [value] }).success, false);
  });
}

test('a document cannot carry the marks of imports and migrations: they say what is a leftover, and what is deleted with it', () => {
  const { config } = sampleDocument();
  const isTaken = (name: string): boolean =>
    containerYml.safeParse({ ...config, attrs: { [name]: '1:x' } }).success;
  assert.ok(isTaken('vz2osctl:source'));
  assert.ok(isTaken('vendor:incoming'));
  for (const mark of ['incoming', 'migration', 'made']) assert.ok(!isTaken(`vz2osctl:${mark}`), mark);
});

test('a cgroup parameter has one value', () => {
  const parameter = { version: 2, subsystem: 'pids', name: 'pids.max' };
  assert.equal(cgroupParameter.safeParse({ ...parameter, value: [1] }).success, true);
  for (const value of [[], [1, 2]])
    assert.equal(cgroupParameter.safeParse({ ...parameter, value }).success, false);
});

test('attributes cannot drive a terminal, limits of a process are those of osctl, resolvers are addresses', () => {
  const { config } = sampleDocument();
  const accepts = (changes: object): boolean => containerYml.safeParse({ ...config, ...changes }).success;
  assert.ok(accepts({ attrs: { 'vz2osctl:description': 'Žofie 😀' } }));
  assert.ok(accepts({ dns_resolvers: ['198.51.100.1', '2001:db8::53'] }));
  assert.ok(accepts({ prlimits: { nofile: { soft: 0, hard: 'unlimited' } } }));
  for (const changes of [
    { attrs: { 'a:b': '\u001b[2J' } },
    { attrs: { 'a:b': 'x'.repeat(1025) } },
    { attrs: { 'a:b': '\ud800' } },
    { attrs: { 'a\n:b': 'x' } },
    { prlimits: { 'nofile\nlxc.x': { soft: 1, hard: 1 } } },
    { prlimits: { nofile: { soft: -1, hard: 1 } } },
    { dns_resolvers: ['ns.example.com'] },
    { dns_resolvers: ['198.51.100.1/24'] },
  ]) {
    assert.ok(!accepts(changes), JSON.stringify(changes));
  }
});

test('a follow-up names one of four devices, and a quota that ZFS can hold', () => {
  const accepts = (value: object): boolean => followUp.safeParse(value).success;
  assert.ok(accepts({ do: 'device', device: 'tun' }));
  assert.ok(accepts({ do: 'refquota', bytes: '18446744073709551615' }));
  for (const value of [
    { do: 'device', device: 'sda' },
    { do: 'device', device: 'tun', major: 8 },
    { do: 'refquota', bytes: '0' },
    // Refused, not thrown at.
    { do: 'refquota', bytes: '10G; reboot' },
    { do: 'refquota', bytes: '' },
    { do: 'refquota', bytes: '18446744073709551616' },
    { do: 'command', argv: ['reboot'] },
  ]) {
    assert.ok(!accepts(value), JSON.stringify(value));
  }
});

test('what osctld writes into the config of LXC cannot begin a line of its own', () => {
  const { config } = sampleDocument();
  const accepts = (changes: object): boolean => containerYml.safeParse({ ...config, ...changes }).success;
  const hook = 'x\nlxc.hook.pre-start = /bin/sh';
  const none = { v4: [], v6: [] };
  const veth = {
    type: 'bridge',
    name: 'eth0',
    hwaddr: null,
    link: 'lxcbr0',
    dhcp: true,
    ip_addresses: none,
    gateways: { v4: 'auto', v6: 'auto' },
  };
  assert.ok(accepts({ hostname: 'www.example.com', version: 'leap-15.1', net_interfaces: [veth] }));
  for (const changes of [
    { hostname: hook },
    { hostname: 'a b' },
    { hostname: '$(reboot)' },
    { distribution: hook },
    { distribution: '../debian' },
    { version: hook },
    { version: '../../x' },
    { net_interfaces: [{ ...veth, link: hook }] },
    { net_interfaces: [{ ...veth, link: '' }] },
    { net_interfaces: [{ ...veth, name: '\u001b[2J' }] },
    { net_interfaces: [{ ...veth, name: 'a;b' }] },
    { prlimits: { nofile: { soft: 2, hard: 1 } } },
    { prlimits: { nofile: { soft: 'unlimited', hard: 1 } } },
  ]) {
    assert.ok(!accepts(changes), JSON.stringify(changes));
  }
});

test("a document cannot make a container's user the root of the node", () => {
  const accepts = (changes: object): boolean =>
    osctlContainer.safeParse({ ...sampleDocument(), ...changes }).success;
  const user = (map: string, name = 'web') => ({ user: { name, uidMap: [map], gidMap: ['0:666000:65536'] } });
  assert.ok(accepts(user('0:666000:65536')));
  for (const changes of [
    user('0:0:65536'),
    user('0:00:65536'),
    user('0:666000:0'),
    user('0:666000:65536', '../x'),
    { group: '/a\nb' },
    { group: '/../x' },
  ]) {
    assert.ok(!accepts(changes), JSON.stringify(changes));
  }
});

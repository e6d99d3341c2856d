import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { validateDocument } from '../../../lib/documents/validate.ts';
import { warningCodes } from '../samples.ts';
import { blockerCodes, CONFIG, DEEP, GIB, judge, nodeOf } from './samples.ts';

test('a container that nothing speaks against has no blocker, and names the node', () => {
  const document = judge({});
  assert.deepEqual(document.blockers, []);
  assert.deepEqual(document.node, {
    name: 'root@node',
    at: '2026-01-02T03:04:05.678Z',
    pool: 'tank',
    availableBytes: String(100 * GIB),
  });
  assert.deepEqual(warningCodes(document), ['NO_PREFIX']);
});

test('every blocker has code, evidence and what to do, in one line each, and the document is valid', () => {
  const document = judge({
    node: {
      containers: [{ pool: 'tank', id: '101', state: 'running', user: '101', mapMode: 'zfs' }],
      bridges: [],
      deviceNodes: [],
      architectures: ['x86_64'],
    },
    config: `${CONFIG}DEVICES="c:10:200:rw"\nOSTEMPLATE=centos-7-x86\n`,
    guest: { systemd: 219, glibc: '2.12', elfClass: 32 },
    facts: {
      submounts: ['/vz/root/101/mnt'],
      status: { exists: true, mounted: false, running: false, suspended: true },
    },
  });
  const expected = ['CGROUP_V2', 'NO_IA32', 'ID_TAKEN', 'NO_BRIDGE', 'NO_DEVICE', 'SUSPENDED', 'SUBMOUNTS'];
  assert.deepEqual(blockerCodes(document), expected);
  for (const { text, evidence, remedy } of document.blockers) {
    for (const said of [text, evidence, remedy]) assert.match(said, /^[^\n]+$/);
  }
  validateDocument(JSON.parse(JSON.stringify(document)), 'osctl-container', 'here');
  const codes = warningCodes(document);
  for (const code of expected) assert.ok(!codes.includes(code), `${code} is said twice`);
});

describe('the guest', () => {
  const systemd = (version: number | null, cgroupVersion: 1 | 2 | null = 2, config = CONFIG) =>
    judge({ guest: { systemd: version, osRelease: null }, node: { cgroupVersion }, config });

  it('with a systemd before 230 does not boot with cgroup version 2', () => {
    assert.deepEqual(blockerCodes(systemd(229)), ['CGROUP_V2']);
    assert.deepEqual(blockerCodes(systemd(230)), []);
    assert.deepEqual(blockerCodes(systemd(219, 1)), []);
    assert.deepEqual(warningCodes(systemd(219, null)), ['NO_PREFIX', 'NODE_UNKNOWN']);
    const [blocker] = systemd(219).blockers;
    assert.match(blocker?.evidence ?? '', /^systemd 219 .*cgroup\.version of root@node says 2$/);
    assert.match(blocker?.remedy ?? '', /osctl\.cgroupv=1/);
  });

  for (const [template, codes] of [
    ['centos-7-x86_64', ['CGROUP_V2']],
    ['centos-8-x86_64', []],
    ['debian-8.0-x86_64', ['CGROUP_V2']],
    ['debian-9-x86_64', []],
    ['ubuntu-16.04-x86_64', ['CGROUP_V2']],
    ['ubuntu-18.04-x86_64', []],
    ['fedora-20-x86_64', ['CGROUP_V2']],
  ] as const) {
    it(`is judged by its release where its systemd is not known: ${template}`, () => {
      const config = CONFIG.replace('centos-8-x86_64', template);
      assert.deepEqual(blockerCodes(systemd(null, 2, config)), codes);
    });
  }

  it('with another init is only warned of', () => {
    const document = judge({ guest: { init: 'sysvinit', systemd: null } });
    assert.deepEqual([blockerCodes(document), warningCodes(document)], [[], ['NO_PREFIX', 'CGROUP_V2_INIT']]);
  });

  it('of which nothing is known is said to be unknown', () => {
    const document = judge({ facts: null, config: CONFIG.replace('centos-8-x86_64', 'own-thing') });
    assert.ok(warningCodes(document).includes('GUEST_UNKNOWN'));
    assert.deepEqual(document.blockers, []);
  });

  for (const [glibc, vsyscall, codes] of [
    ['2.12', 'none', ['VSYSCALL']],
    ['2.5', 'none', ['VSYSCALL']],
    ['2.14.1', 'none', ['VSYSCALL']],
    ['2.15', 'none', []],
    ['2.28', 'none', []],
    ['2.12', 'xonly', []],
    ['2.12', 'emulate', []],
    ['2.12', null, []],
  ] as const) {
    it(`with glibc ${glibc} on a kernel with vsyscall ${vsyscall}: ${codes.join() || 'no blocker'}`, () => {
      const document = judge({
        guest: { glibc },
        node: { kernel: { release: '6.6', commandLine: '', vsyscall } },
      });
      assert.deepEqual(blockerCodes(document), codes);
      assert.equal(warningCodes(document).includes('NODE_UNKNOWN'), vsyscall === null);
    });
  }

  it('of 32 bits needs no vsyscall, and a kernel that runs it', () => {
    const config = CONFIG.replace('x86_64', 'x86');
    const guest = { elfClass: 32, glibc: '2.5' } as const;
    assert.deepEqual(blockerCodes(judge({ config, guest })), []);
    assert.deepEqual(blockerCodes(judge({ config, guest, node: { architectures: ['x86_64'] } })), [
      'NO_IA32',
    ]);
    assert.ok(warningCodes(judge({ config, guest, node: { architectures: null } })).includes('NODE_UNKNOWN'));
  });

  it('with ids above 65535 is refused unless the node maps mounts', () => {
    const deep = { ...DEEP, foreignIds: { count: '2', examples: ['srv/a', 'srv/b\n'] }, highestUid: 70000 };
    const document = judge({ facts: { deep } });
    assert.deepEqual(blockerCodes(document), ['FOREIGN_IDS']);
    assert.equal(document.blockers[0]?.evidence, 'srv/a, srv/b\\n, up to uid 70000 and gid 1000');
    const native = judge({ facts: { deep }, node: { mapModes: ['native'] } });
    assert.deepEqual([blockerCodes(native), warningCodes(native)], [[], ['NO_PREFIX', 'FOREIGN_IDS']]);
    assert.ok(warningCodes(judge({ facts: { deep: null } })).includes('GUEST_UNKNOWN'));
  });
});

describe('its place on the node', () => {
  const there = { pool: 'tank', id: '101', state: 'staged', user: null, mapMode: 'zfs' } as const;

  it('is taken by a container of the pool, and not by one of another', () => {
    assert.deepEqual(blockerCodes(judge({ node: { containers: [there] } })), ['ID_TAKEN']);
    assert.deepEqual(blockerCodes(judge({ node: { containers: [{ ...there, pool: 'other' }] } })), []);
    assert.deepEqual(blockerCodes(judge({ node: { containers: [there] }, options: { id: '102' } })), []);
  });

  it('is taken by a dataset that was left', () => {
    const [pool] = nodeOf().pools;
    assert.ok(pool);
    const pools = [{ ...pool, containerDatasets: ['tank/ct/101', 'tank/ct/101/var'] }];
    assert.deepEqual(blockerCodes(judge({ node: { pools } })), ['DATASET_EXISTS']);
    assert.deepEqual(blockerCodes(judge({ node: { pools, containers: [there] } })), ['ID_TAKEN']);
  });

  it('has a user that osctld can make', () => {
    const user = warningCodes(judge({ node: { users: [{ pool: 'tank', name: '101' }] } }));
    assert.ok(user.includes('USER_EXISTS'));
    assert.deepEqual(blockerCodes(judge({ options: { id: 'Web' } })), ['NO_AUTOMATIC_USER']);
    assert.deepEqual(blockerCodes(judge({ options: { id: 'a'.repeat(28) } })), ['NO_AUTOMATIC_USER']);
    assert.deepEqual(blockerCodes(judge({ options: { id: 'a'.repeat(27) } })), []);
  });

  it('has room for its data', () => {
    const room = (gib: number) => judge({ facts: { deep: { ...DEEP, sizeBytes: String(gib * GIB) } } });
    assert.deepEqual([blockerCodes(room(101)), blockerCodes(room(100))], [['NO_SPACE'], []]);
    assert.ok(warningCodes(room(60)).includes('SPACE_TIGHT'));
    assert.ok(!warningCodes(room(50)).includes('SPACE_TIGHT'));
    assert.ok(warningCodes(judge({ facts: { deep: null } })).includes('SPACE_UNKNOWN'));
    assert.deepEqual(blockerCodes(judge({ facts: { deep: null, usedBytes: String(101 * GIB) } })), [
      'NO_SPACE',
    ]);
  });

  it('is in a pool that is named, or the only one, and active', () => {
    const [tank] = nodeOf().pools;
    assert.ok(tank);
    const pools = [
      { ...tank, state: 'disabled' },
      { ...tank, name: 'fast', dataset: 'fast' },
    ];
    assert.ok(warningCodes(judge({ node: { pools } })).includes('POOL_UNKNOWN'));
    assert.deepEqual(blockerCodes(judge({ node: { pools, pool: 'tank' } })), ['POOL_INACTIVE']);
    assert.deepEqual(blockerCodes(judge({ node: { pools, pool: 'fast' } })), []);
  });

  it('is in a group that is there, or is made', () => {
    assert.ok(warningCodes(judge({ options: { group: '/new' } })).includes('GROUP_NEW'));
    assert.ok(!warningCodes(judge({ options: { group: '/default' } })).includes('GROUP_NEW'));
  });
});

describe('its interfaces and devices', () => {
  it('find their bridge', () => {
    assert.deepEqual(blockerCodes(judge({ node: { bridges: ['vmbr0'] } })), ['NO_BRIDGE']);
    assert.match(judge({ node: { bridges: ['vmbr0'] } }).blockers[0]?.evidence ?? '', /has vmbr0$/);
    assert.ok(warningCodes(judge({ node: { bridges: null } })).includes('NODE_UNKNOWN'));
  });

  it('have addresses that are free, however they are written', () => {
    const known = [
      { address: '203.0.113.7', where: 'container 9' },
      { address: '2001:db8::7', where: 'a route' },
    ];
    const config = `${CONFIG}IP_ADDRESS="2001:DB8:0::7"\n`;
    const document = judge({ config, node: { addresses: { known, unknown: [] } } });
    assert.deepEqual(blockerCodes(document), ['ADDRESS_IN_USE', 'ADDRESS_IN_USE']);
    assert.equal(document.blockers[0]?.evidence, 'container 9 of root@node has it');
    const addresses = { known: [], unknown: ['of its containers'] };
    assert.ok(warningCodes(judge({ node: { addresses } })).includes('NODE_UNKNOWN'));
  });

  it('are there, or are provided', () => {
    const config = `${CONFIG}DEVICES="c:10:200:rw c:108:0:rw"\n`;
    const document = judge({ config });
    assert.deepEqual(blockerCodes(document), ['NO_DEVICE']);
    assert.match(document.blockers[0]?.text ?? '', /^\/dev\/ppp /);
    assert.deepEqual(
      document.report.warnings.filter(({ code }) => code === 'DEVICE_PROVIDED').map(({ remedy }) => remedy),
      ['nothing, or beforehand: osctl group devices add /default char 10 200 rwm /dev/net/tun'],
    );
    const tun = { type: 'char', major: 10, minor: 200, mode: 'rwm' } as const;
    const groups = [{ pool: 'tank', name: '/default', devices: [tun] }];
    const provided = judge({ config: `${CONFIG}DEVICES="c:10:200:rw"\n`, node: { groups } });
    assert.ok(!warningCodes(provided).includes('DEVICE_PROVIDED'));
  });
});

describe('the source', () => {
  const script = (path: string, content = 'mount -n --bind /a $VE_ROOT/b\n') => ({
    facts: { actionScripts: [{ path, executable: true }] },
    files: [{ path, role: 'script', encoding: 'utf8', content } as const],
  });

  it('has an action script of its own that mounts', () => {
    const document = judge(script('/etc/vz/conf/101.mount'));
    assert.deepEqual(blockerCodes(document), ['ACTION_MOUNTS']);
    assert.equal(
      document.blockers[0]?.evidence,
      '/etc/vz/conf/101.mount: line 1: mount -n --bind /a $VE_ROOT/b',
    );
    assert.deepEqual(blockerCodes(judge(script('/etc/vz/conf/101.mount', 'route add x\n'))), []);
    assert.deepEqual(blockerCodes(judge(script('/etc/vz/conf/vps.mount'))), []);
  });

  it('has snapshots that do not come along', () => {
    const codes = (snapshots: number | null) => warningCodes(judge({ facts: { snapshots } }));
    assert.ok(codes(2).includes('SNAPSHOTS_LEFT'));
    assert.ok(![...codes(0), ...codes(null)].includes('SNAPSHOTS_LEFT'));
  });
});

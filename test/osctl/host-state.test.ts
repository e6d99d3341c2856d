import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import type { HostState } from '../../lib/osctl/host-state.ts';
import { readHostState } from '../../lib/osctl/host-state.ts';
import { parseSections } from '../../lib/osctl/sections.ts';

const section = (name: string, output: string, code = 0): string => `>> ${name}\n${output}\n<< ${code} \n`;

function read(sections: Record<string, string | [string, number]>): HostState {
  const text = Object.entries(sections)
    .map(([name, said]) => (typeof said === 'string' ? section(name, said) : section(name, ...said)))
    .join('');
  return readHostState(
    parseSections(text),
    [{ name: 'tank', dataset: 'tank/os' }],
    [{ name: '/default', pool: 'tank' }],
  );
}

test('a node that says nothing', () => {
  assert.deepEqual(read({}), {
    osctlVersion: null,
    kernel: { release: null, commandLine: null, vsyscall: null },
    cgroupVersion: null,
    architectures: null,
    receiveProtocol: null,
    mapModes: null,
    pools: [
      {
        name: 'tank',
        dataset: 'tank/os',
        state: null,
        availableBytes: null,
        mountpoint: null,
        containerDatasets: null,
      },
    ],
    containers: null,
    groups: [{ pool: 'tank', name: '/default', devices: null }],
    deviceNodes: null,
    bridges: null,
  });
});

describe('what a node says', () => {
  const machine = 'x86_64';
  const page = (rights: string) =>
    `7ffc-7ffd r-xp 00000000 00:00 0 [vdso]\nffffffffff600000-ffffffffff601000 ${rights} 00000000 00:00 0                  [vsyscall]`;

  for (const [memory, vsyscall] of [
    [page('--xp'), 'xonly'],
    [page('r-xp'), 'emulate'],
    ['7ffc-7ffd r-xp 00000000 00:00 0 [vdso]', 'none'],
  ] as const) {
    it(`of vsyscall: ${vsyscall}`, () => {
      assert.equal(read({ machine, memory, cmdline: 'vsyscall=emulate' }).kernel.vsyscall, vsyscall);
    });
  }

  it('of vsyscall on its command line alone, where the last word counts', () => {
    assert.equal(read({ cmdline: 'a vsyscall=none vsyscall=xonly b' }).kernel.vsyscall, 'xonly');
    assert.equal(read({ cmdline: 'xvsyscall=none' }).kernel.vsyscall, null);
  });

  it('of 32 bits', () => {
    assert.deepEqual(read({ machine, ia32: '1' }).architectures, ['x86_64', 'x86']);
    assert.deepEqual(read({ machine, ia32: '1', cmdline: 'ia32_emulation=0' }).architectures, ['x86_64']);
    assert.deepEqual(read({ machine, ia32: ['', 1] }).architectures, ['x86_64']);
    assert.deepEqual(read({ machine: 'aarch64' }).architectures, ['aarch64']);
  });

  it('of the generation of its receive protocol', () => {
    const run = '/run/osctl/send-receive/run tank default';
    const key = (command: string) => `command="${command}",restrict ssh-ed25519 AAAA someone`;
    assert.equal(read({ keys: key(run) }).receiveProtocol, 1);
    assert.equal(read({ keys: key(`${run} ${'0'.repeat(64)}`) }).receiveProtocol, 2);
    assert.equal(read({ keys: 'ssh-ed25519 AAAA root' }).receiveProtocol, null);
  });

  it('of map modes: those of its containers, else those that it may give', () => {
    const row = (id: string, mode?: string) => ({
      pool: 'tank',
      id,
      state: 'running',
      user: id,
      map_mode: mode,
    });
    const options = '  --map-mode=arg - how ids are shifted';
    const { mapModes, containers } = read({
      containers: JSON.stringify([row('1'), row('2', 'native')]),
      options,
    });
    assert.deepEqual(mapModes, ['native', 'zfs']);
    assert.deepEqual(containers?.[0], { pool: 'tank', id: '1', state: 'running', user: '1', mapMode: 'zfs' });
    assert.deepEqual(read({ containers: JSON.stringify([row('2', 'native')]) }).mapModes, ['native']);
    assert.deepEqual(read({ containers: '[]', options }).mapModes, ['native', 'zfs']);
    assert.deepEqual(read({ containers: '[]', options: '--as-id' }).mapModes, ['zfs']);
  });

  it('of pools, groups, devices and bridges', () => {
    const state = read({
      available0: '1000',
      mountpoint0: '/tank/os',
      datasets0: 'tank/os/ct\ntank/os/ct/101\ntank/os/ct/101/var',
      group0: JSON.stringify([
        { type: 'char', major: '10', minor: '200', mode: 'rwm', name: '/dev/net/tun', inherit: true },
        { type: 'char', major: 136, minor: '*', mode: 'rw' },
        { type: 'odd' },
      ]),
      devices: ['/dev/fuse\n/dev/kvm', 2],
      bridges: '3: lxcbr0: <BROADCAST>\n4: vmbr0@x: <UP>',
      version: 'osctl version 24.05.0',
      cgroup: '2',
    });
    const [pool] = state.pools;
    assert.deepEqual(
      [pool?.availableBytes, pool?.mountpoint, pool?.containerDatasets],
      ['1000', '/tank/os', ['tank/os/ct/101', 'tank/os/ct/101/var']],
    );
    assert.deepEqual(state.groups?.[0]?.devices, [
      { type: 'char', major: 10, minor: 200, mode: 'rwm' },
      { type: 'char', major: 136, minor: 'all', mode: 'rw' },
    ]);
    assert.deepEqual(
      [state.deviceNodes, state.bridges, state.osctlVersion, state.cgroupVersion],
      [['/dev/fuse', '/dev/kvm'], ['lxcbr0', 'vmbr0'], '24.05.0', 2],
    );
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findLeftovers, type LeftoverNames, type Look } from '../../lib/osctl/leftovers.ts';
import type { NodeState } from '../../lib/osctl/node-state.ts';
import type { PoolState } from '../../lib/osctl/pool-state.ts';

function look(node: Partial<NodeState>, space: Partial<PoolState> = {}): Look {
  return {
    node: {
      pools: [],
      container: null,
      users: [],
      groups: [],
      userMaps: null,
      links: null,
      addresses: { known: [], unknown: [] },
      ...node,
    },
    space: {
      availableBytes: null,
      spoolDir: '/tank',
      spoolWritable: true,
      spoolFilesystem: null,
      spoolFreeBytes: null,
      datasetExists: false,
      importRuns: false,
      configFile: null,
      ...space,
    },
  };
}

const NAMES: LeftoverNames = {
  pool: { name: 'tank', dataset: 'tank' },
  id: '101',
  dataset: 'tank/ct/101',
  user: '101',
  group: null,
};
const container = { pool: 'tank', id: '101', state: 'staged' };
const users = [{ name: '101', pool: 'tank' }];
const configFile = '/tank/conf/ct/101.yml';

test('a ghost is forgotten by a restart, its dataset and user are removed', () => {
  const { commands } = findLeftovers(look({}), look({ container, users }, { datasetExists: true }), NAMES);
  assert.deepEqual(commands, ['sv restart osctld', 'zfs destroy -r tank/ct/101', 'osctl user del tank:101']);
});

test('once the configuration is saved, osctl removes all of it, since a restart would keep it', () => {
  const after = look({ container, users }, { datasetExists: true, configFile });
  const { things, commands } = findLeftovers(look({}), after, NAMES);
  assert.deepEqual(commands, ['osctl ct del tank:101']);
  assert.equal(things.length, 3);
});

test("a container in another state is somebody else's: no command removes it", () => {
  for (const state of ['stopped', 'running']) {
    const after = look({ container: { ...container, state }, users }, { datasetExists: true, configFile });
    assert.deepEqual(findLeftovers(look({}), after, NAMES).commands, []);
  }
});

test('a dataset that was there before is told of, and never removed', () => {
  const before = look({}, { datasetExists: true });
  for (const [file, expected] of [
    [null, ['sv restart osctld']],
    [configFile, [`rm ${configFile}`, 'sv restart osctld']],
  ] as const) {
    const after = look({ container }, { datasetExists: true, configFile: file });
    const { things, commands } = findLeftovers(before, after, NAMES);
    assert.match(things.join(), /perhaps partial data in dataset tank\/ct\/101, which was there before/);
    assert.deepEqual(commands, expected);
  }
});

test('named users and groups, of this pool only', () => {
  const group = '/web';
  const names = { ...NAMES, user: 'web', group };
  const other = { users: [{ name: 'web', pool: 'dozer' }], groups: [{ name: group, pool: 'dozer' }] };
  assert.deepEqual(findLeftovers(look({}), look(other), names).things, []);
  const ours = { users: [{ name: 'web', pool: 'tank' }], groups: [{ name: group, pool: 'tank' }] };
  assert.deepEqual(findLeftovers(look(other), look(ours), names).commands, [
    'osctl user del tank:web',
    'osctl group del tank:/web',
  ]);
  assert.deepEqual(findLeftovers(look(ours), look(ours), names).things, []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VzError } from '../../lib/errors.ts';
import type { ImportOptions } from '../../lib/osctl/import-options.ts';
import type { NodeState } from '../../lib/osctl/node-state.ts';
import type { PoolState } from '../../lib/osctl/pool-state.ts';
import { choosePool, judge, type Wanted } from '../../lib/osctl/preflight.ts';
import { containerDocument, NO_OPTIONS } from './archives.ts';

const TANK = { name: 'tank', dataset: 'tank', state: 'active' };
const NODE: NodeState = {
  pools: [TANK],
  container: null,
  users: [],
  groups: [{ name: '/default', pool: 'tank' }],
  userMaps: null,
  links: ['lo', 'eth0', 'lxcbr0'],
  addresses: { known: [], unknown: [] },
};
const SPACE: PoolState = {
  availableBytes: 1000n,
  spoolDir: '/tank',
  spoolWritable: true,
  spoolFilesystem: 'zfs',
  spoolFreeBytes: 1000n,
  datasetExists: false,
  importRuns: false,
  configFile: null,
};
const WANTED: Wanted = { id: '101', document: containerDocument(), options: NO_OPTIONS, archiveBytes: null };

interface Case {
  readonly wanted?: Partial<Wanted>;
  readonly options?: Partial<ImportOptions>;
  readonly node?: Partial<NodeState>;
  readonly space?: Partial<PoolState>;
}

function codes({ wanted, options, node, space }: Case): { refusals: string[]; warnings: string[] } {
  const all = { ...WANTED, options: { ...NO_OPTIONS, ...options }, ...wanted };
  const { refusals, warnings } = judge(all, { ...NODE, ...node }, TANK, { ...SPACE, ...space });
  return { refusals: refusals.map(({ code }) => code), warnings: warnings.map(({ code }) => code) };
}

const shown = { pool: 'tank', id: '101', state: 'staged' };
const used = { known: [{ address: '203.0.113.7', where: 'container 7' }], unknown: [] };
const user = { name: 'u1', uidMap: ['0:1000:65536'], gidMap: ['0:1000:65536'] };

test('what refuses an import', () => {
  const cases: [Case, string[]][] = [
    [{}, []],
    [
      { node: { container: shown, users: [{ name: '101', pool: 'tank' }] }, space: { datasetExists: true } },
      ['ID_TAKEN'],
    ],
    [{ options: { asUser: 'u1' } }, ['NO_USER']],
    [{ options: { asUser: 'u1' }, node: { users: null } }, []],
    // Each pool has its own.
    [{ options: { asUser: 'u1' }, node: { users: [{ name: 'u1', pool: 'dozer' }] } }, ['NO_USER']],
    [{ options: { asGroup: '/x' } }, ['NO_GROUP']],
    [{ wanted: { id: 'Web' } }, ['NO_AUTOMATIC_USER']],
    [{ wanted: { id: 'x'.repeat(27) } }, []],
    [{ wanted: { id: 'x'.repeat(28) } }, ['NO_AUTOMATIC_USER']],
    [{ wanted: { id: 'Web', document: containerDocument({ user }) } }, []],
    [{ space: { datasetExists: true } }, ['DATASET_EXISTS']],
    [{ space: { datasetExists: true }, options: { dataset: 'tank/x' } }, []],
    [{ options: { dataset: 'other/x' } }, ['DATASET']],
    [{ options: { dataset: 'tank' } }, ['DATASET']],
    [{ space: { spoolWritable: false } }, ['SPOOL_DIR']],
    [{ space: { spoolFilesystem: 'tmpfs' } }, ['SPOOL_DIR']],
    // The archive and the data exist at once.
    [{ wanted: { archiveBytes: 500n } }, []],
    [{ wanted: { archiveBytes: 501n } }, ['NO_SPACE']],
    [{ wanted: { archiveBytes: 400n }, space: { spoolFreeBytes: 399n } }, ['NO_SPACE']],
    [{ wanted: { archiveBytes: 501n }, space: { availableBytes: null } }, []],
  ];
  for (const [input, refusals] of cases) assert.deepEqual(codes(input).refusals, refusals, describe(input));
});

test('what is warned of', () => {
  const bridged = containerDocument();
  bridged.config.net_interfaces = [
    {
      type: 'bridge',
      name: 'eth0',
      hwaddr: null,
      ip_addresses: { v4: ['203.0.113.7/24'], v6: [] },
      link: 'br9',
      dhcp: false,
      gateways: { v4: 'auto', v6: 'auto' },
    },
  ];
  const cases: [Case, string[]][] = [
    [{}, []],
    [{ node: { users: [{ name: '101', pool: 'tank' }] } }, ['USER_EXISTS']],
    [{ node: { addresses: used } }, ['ADDRESS_IN_USE']],
    [{ node: { addresses: { known: [], unknown: ['of its containers'] } } }, ['ADDRESSES_UNKNOWN']],
    [{ wanted: { document: bridged }, node: { addresses: used } }, ['NO_BRIDGE', 'ADDRESS_IN_USE']],
    [{ wanted: { document: bridged }, node: { links: null } }, []],
    [{ wanted: { document: containerDocument({ group: '/g' }) } }, ['GROUP_NEW']],
  ];
  for (const [input, warnings] of cases) {
    assert.deepEqual(codes(input), { refusals: [], warnings }, describe(input));
  }
});

test('the pool: the one asked for, or the only one', () => {
  const two = { ...NODE, pools: [TANK, { ...TANK, name: 'dozer', state: 'disabled' }] };
  assert.equal(choosePool(NODE, null, 'node'), TANK);
  assert.equal(choosePool(two, 'tank', 'node'), TANK);
  for (const [node, wanted, text] of [
    [two, null, /several pools: tank, dozer/],
    [two, 'dozer', /dozer is disabled/],
    [NODE, 'x', /no pool x/],
    [{ ...NODE, pools: [] }, null, /osctl has no pool/],
  ] as const) {
    assert.throws(
      () => choosePool(node, wanted, 'node'),
      (error) => error instanceof VzError && error.exit === 78 && text.test(error.message),
    );
  }
});

function describe(input: Case): string {
  return JSON.stringify(input, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

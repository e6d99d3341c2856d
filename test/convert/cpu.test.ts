import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OsctlContainer } from '../../lib/documents/documents.ts';
import { convert, factsOf, fatesOf, warningCodes } from './samples.ts';

const NODE_OF_4 = factsOf();

/** As `osctl ct set cpu-limit` and `osctl ct cgparams set` would have been asked for them. */
function cpuOf({ config }: OsctlContainer): string[] {
  return config.cgparams
    .filter(({ subsystem }) => subsystem === 'cpu')
    .map(({ version, name, value }) => `v${version} ${name}=${value.join(',')}`);
}

const limit = (quota: number): string[] => [
  `v2 cpu.max=${quota} 100000`,
  'v1 cpu.cfs_period_us=100000',
  `v1 cpu.cfs_quota_us=${quota}`,
];

const LIMITS = [
  ['CPULIMIT="50"', limit(50_000)],
  ['CPULIMIT="1"', limit(1000)],
  ['CPULIMIT="200"', limit(200_000)],
  ['CPULIMIT="25%"', limit(100_000)],
  ['CPULIMIT="100%"', limit(400_000)],
  ['CPULIMIT="0"', []],
  ['CPULIMIT="0%"', []],
  ['CPULIMIT=""', []],
  ['CPULIMIT="819200"', limit(819_200_000)],
  ['CPULIMIT="819201"', []],
  ['CPUS="2"', limit(200_000)],
  ['CPUS="0"', []],
  ['CPUS="unlimited"', []],
  ['CPUS="8193"', []],
  ['CPUS="9223372036854775807"', []],
  ['CPUS="2"\nCPULIMIT="150"', limit(150_000)],
  ['CPUS="1"\nCPULIMIT="150"', limit(100_000)],
  ['CPUS="1"\nCPULIMIT="100"', limit(100_000)],
  ['CPUS="3"\nCPULIMIT="100%"', limit(300_000)],
  ['CPUS="3"\nCPULIMIT="0"', limit(300_000)],
  ['CPUS="0"\nCPULIMIT="70"', limit(70_000)],
] as const;

for (const [config, expected] of LIMITS) {
  test(`CPU limit of ${JSON.stringify(config)} on a node of 4 CPUs`, () => {
    assert.deepEqual(cpuOf(convert(config, {}, { facts: NODE_OF_4 })), expected);
  });
}

test('of CPULIMIT and CPUS the tighter one counts, and both say so', () => {
  const byLimit = convert('CPUS="2"\nCPULIMIT="150"');
  assert.deepEqual(fatesOf(byLimit, 'CPULIMIT'), ['-> CPU limit of 150 percent of one CPU']);
  assert.match(fatesOf(byLimit, 'CPUS')[0] ?? '', /^-> CPULIMIT counts.* sees all CPUs/);
  const byBoth = convert('CPUS="1"\nCPULIMIT="100"');
  assert.deepEqual(fatesOf(byBoth, 'CPULIMIT'), ['-> CPU limit of 100 percent of one CPU']);
  const byCpus = convert('CPUS="1"\nCPULIMIT="150"');
  assert.deepEqual(fatesOf(byCpus, 'CPULIMIT'), ['CPUS, 100 percent, is tighter']);
  assert.match(
    fatesOf(byCpus, 'CPUS')[0] ?? '',
    /^-> CPU limit of 100 percent of one CPU; the guest sees all/,
  );
  assert.deepEqual(
    byCpus.report.consumed.map(({ key, fate }) => [key, fate]),
    [['CPUS', 'approximated']],
  );
});

test('a share of a host whose CPUs are not known is no limit, and says what to do', () => {
  const container = convert('CPULIMIT="50%"', { id: 'web1' });
  assert.deepEqual(cpuOf(container), []);
  const [warning] = container.report.warnings.filter(({ code }) => code === 'CPULIMIT_UNKNOWN');
  assert.equal(warning?.severity, 'major');
  assert.match(warning?.text ?? '', /osctl ct set cpu-limit web1 PERCENT/);
  assert.equal(container.report.ignored[0]?.severity, 'major');
  assert.deepEqual(cpuOf(convert('CPULIMIT="50%"\nCPUS="1"')), limit(100_000));
  assert.ok(!warningCodes(convert('CPULIMIT="0%"')).includes('CPULIMIT_UNKNOWN'));
});

const UNITS = [
  ['1000', 100, 1024, 'info'],
  ['250', 25, 256, 'minor'],
  ['8', 1, 8, 'minor'],
  ['500000', 10_000, 262_144, 'minor'],
  ['100000', 10_000, 102_400, 'minor'],
  ['999', 99, 1022, 'minor'],
] as const;

for (const [units, weight, shares, severity] of UNITS) {
  test(`CPUUNITS ${units} on the scales of both versions`, () => {
    const container = convert(`CPUUNITS="${units}"`);
    assert.deepEqual(cpuOf(container), [`v2 cpu.weight=${weight}`, `v1 cpu.shares=${shares}`]);
    const [item] = container.report.consumed;
    assert.deepEqual([item?.fate, item?.severity], ['approximated', severity]);
  });
}

test('what the formula of CPUUNITS does not say is said: capped, raised, rounded', () => {
  const words = (units: number): string => fatesOf(convert(`CPUUNITS="${units}"`), 'CPUUNITS')[0] ?? '';
  assert.equal(words(1000), '-> cpu.weight 100 (units / 10), cpu.shares 1024 (units x 1024 / 1000)');
  assert.match(words(500_000), /10000 \(units \/ 10, capped.*262144 \(units x 1024 \/ 1000, capped/);
  assert.match(words(8), /weight 1 \(units \/ 10, raised.*shares 8 \(units x 1024 \/ 1000, rounded down\)/);
});

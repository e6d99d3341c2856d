import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convert, factsOf, fatesOf, warningCodes } from './samples.ts';

const GIB = 1024 ** 3;
const PLOOP = factsOf({ layout: 'ploop' });

const QUOTAS = [
  ['DISKSPACE="10485760:10485760"', null, 10 * GIB],
  ['DISKSPACE="1048576:1153024"', null, 1_153_024 * 1024],
  ['DISKSPACE="10G"', null, 10 * GIB],
  ['DISKSPACE="2G:2.2G"', null, 2_306_867 * 1024],
  ['DISKSPACE="9007199254740990"', null, '9223372036854773760'],
  ['DISKSPACE="9007199254740992"', null, null],
  ['DISKSPACE="9223372036854775806"', null, null],
  ['DISKSPACE="unlimited"', null, null],
  ['DISKSPACE="unlimited:unlimited"', null, null],
  ['DISKSPACE="0"', null, null],
  ['DISKSPACE=""', null, null],
  ['', null, null],
  ['DISKSPACE="10G"\nDISK_QUOTA="yes"', null, 10 * GIB],
  ['DISKSPACE="10G"\nDISK_QUOTA="no"', null, null],
  ['DISKSPACE="10G"\nDISK_QUOTA="no"', PLOOP, 10 * GIB],
  ['DISKSPACE="10G"\nDISK_QUOTA="no"\nVE_LAYOUT="ploop"', null, 10 * GIB],
] as const;

for (const [config, facts, bytes] of QUOTAS) {
  test(`refquota of ${JSON.stringify(config)}${facts ? ' on ploop' : ''}`, () => {
    assert.deepEqual(
      convert(config, {}, { facts }).followUps,
      bytes === null ? [] : [{ do: 'refquota', bytes: String(bytes) }],
    );
  });
}

test("vz.conf's DISK_QUOTA counts as well", () => {
  const container = convert('DISKSPACE="10G"', {}, { global: 'DISK_QUOTA=no' });
  assert.deepEqual(container.followUps, []);
  assert.deepEqual(fatesOf(container, 'DISK_QUOTA'), ['-> no refquota']);
  assert.match(fatesOf(container, 'DISKSPACE')[0] ?? '', /DISK_QUOTA=no/);
});

test('a soft limit below the hard one is lost, and said', () => {
  const container = convert('DISKSPACE="9G:10G"\nQUOTATIME="600"');
  assert.equal(container.report.consumed[0]?.fate, 'approximated');
  assert.match(fatesOf(container, 'DISKSPACE')[0] ?? '', /10737418240 \(10 GiB\).*soft limit of 9 GiB/);
  assert.equal(convert('DISKSPACE="10G"').report.consumed[0]?.fate, 'converted');
});

const GRACE = [
  ['DISKSPACE="9G:10G"', 'minor'],
  ['DISKSPACE="10G"', 'info'],
  ['DISKSPACE="unlimited"', 'info'],
  ['DISKSPACE="9G:10G"\nDISK_QUOTA="no"', 'info'],
  ['', 'info'],
] as const;

for (const [config, severity] of GRACE) {
  test(`QUOTATIME is ${severity} with ${JSON.stringify(config)}`, () => {
    for (const seconds of ['0', '600']) {
      const { ignored } = convert(`${config}\nQUOTATIME="${seconds}"`).report;
      assert.equal(ignored.find(({ key }) => key === 'QUOTATIME')?.severity, severity);
    }
  });
}

test('what is used already may be more than the quota', () => {
  const deep = {
    files: '1',
    sizeBytes: String(20 * GIB),
    foreignIds: { count: '0', examples: [] },
    deviceNodes: { count: '0', examples: [] },
    highestUid: 1000,
    highestGid: 1000,
  };
  const isWarned = (facts: Parameters<typeof factsOf>[0]): boolean =>
    warningCodes(convert('DISKSPACE="10G"', {}, { facts: factsOf(facts) })).includes('QUOTA_BELOW_USED');
  assert.ok(isWarned({ usedBytes: String(10 * GIB + 1) }));
  assert.ok(isWarned({ deep }));
  assert.ok(!isWarned({ usedBytes: String(10 * GIB) }));
  assert.ok(!isWarned({}));
});

test('without DISK_QUOTA no quota of simfs is enforced, so none is lost', () => {
  const keys = 'DISKINODES="1000"\nQUOTAUGIDLIMIT="100"';
  const severities = (config: string): string[] =>
    convert(config).report.ignored.flatMap(({ key, severity }) =>
      key.startsWith('DISK_') ? [] : [severity],
    );
  assert.deepEqual(severities(keys), ['minor', 'major']);
  assert.deepEqual(severities(`${keys}\nDISK_QUOTA="no"`), ['info', 'info']);
});

const OTHERS = [
  ['IOPRIO="4"', 'info'],
  ['IOPRIO="7"', 'minor'],
  ['IOLIMIT="10M"', 'major'],
  ['IOLIMIT="0"', 'info'],
  ['IOLIMIT="unlimited"', 'info'],
  ['IOPSLIMIT="0"', 'info'],
  ['IOPSLIMIT="100"', 'major'],
  ['CPUMASK="all"', 'info'],
  ['CPUMASK="0-1"', 'minor'],
  ['NODEMASK="all"', 'info'],
  ['QUOTAUGIDLIMIT="0"', 'info'],
  ['QUOTAUGIDLIMIT="100"', 'major'],
  ['DISKINODES="unlimited"', 'info'],
  ['DISKINODES="200000:220000"', 'minor'],
  // An empty list or text asks for nothing, whatever the row says of others.
  ['PCI=""', 'info'],
  ['NETDEV=""', 'info'],
  ['MOUNT_OPTS=""', 'info'],
] as const;

for (const [config, severity] of OTHERS) {
  test(`${config} is ${severity}`, () => {
    assert.deepEqual(
      convert(config).report.ignored.map((item) => item.severity),
      [severity],
    );
  });
}

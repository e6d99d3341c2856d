import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf, groupFindings } from '../../lib/report/finding.ts';
import { converted, dropped, reportOf, warning } from './samples.ts';

test('twenty beancounters are one finding, and other reasons and severities are not in it', () => {
  const keys = Array.from({ length: 20 }, (_, index) => `NUM${index}`);
  const report = reportOf({
    ignored: [
      ...keys.map((key, index) => dropped(key, index + 1)),
      dropped('DISKINODES', 30, { reason: 'ZFS has none' }),
      dropped('RATE', 31, { severity: 'major' }),
      dropped('STRANGE', 32, { fate: 'unknown' }),
    ],
  });
  const groups = groupFindings(findingsOf(report));
  assert.deepEqual(
    groups.map(({ severity, items }) => [severity, items.length, items[0]?.key]),
    [
      ['major', 1, 'RATE'],
      ['minor', 20, 'NUM0'],
      ['minor', 1, 'DISKINODES'],
      ['minor', 1, 'STRANGE'],
    ],
  );
});

test('a warning stands for the line it is about where nothing of that line is lost', () => {
  const report = reportOf({
    consumed: [converted('PRIVVMPAGES', 7, 'no limit')],
    warnings: [warning('MEMORY_UNLIMITED', 7)],
  });
  const [finding, ...more] = findingsOf(report);
  assert.equal(more.length, 0);
  assert.equal(finding?.fate, 'warning');
  assert.equal(finding?.text, 'about MEMORY_UNLIMITED');
  assert.deepEqual(finding?.items, [{ key: 'PRIVVMPAGES', raw: 'yes', line: 7, origin: 'container' }]);
});

test('where something is lost the warning is added, and the worse severity counts', () => {
  const ignored = [dropped('BINDMOUNT', 7, { reason: 'it is not moved' })];
  for (const [severity, expected] of [
    ['info', 'minor'],
    ['minor', 'minor'],
    ['critical', 'critical'],
  ] as const) {
    const findings = findingsOf(reportOf({ ignored, warnings: [warning('DATA_OUTSIDE', 7, severity)] }));
    assert.equal(findings.length, 1);
    assert.equal(findings[0]?.severity, expected);
    assert.equal(findings[0]?.fate, 'dropped');
    assert.equal(findings[0]?.text, 'it is not moved; about DATA_OUTSIDE');
    assert.deepEqual(findings[0]?.codes, ['DATA_OUTSIDE']);
  }
});

test('a warning that says what the reason says, says it once', () => {
  const report = reportOf({
    ignored: [dropped('CPULIMIT', 7, { reason: 'not a number' })],
    warnings: [warning('INVALID_VALUE', 7, 'minor', 'CPULIMIT: not a number; vzctl takes the key as absent')],
  });
  assert.equal(findingsOf(report)[0]?.text, 'CPULIMIT: not a number; vzctl takes the key as absent');
});

test('several warnings about one line are all there', () => {
  const report = reportOf({
    consumed: [converted('IP_ADDRESS', 3)],
    warnings: [warning('NO_PREFIX', 3), warning('ADDRESS_INVALID', 3)],
  });
  assert.deepEqual(
    findingsOf(report).map(({ codes }) => codes),
    [['NO_PREFIX'], ['ADDRESS_INVALID']],
  );
});

test('a line that both files have is hidden behind no warning that may be about the other one', () => {
  const consumed = [converted('HOSTNAME', 7), { ...converted('VE_ROOT', 7), origin: 'global' as const }];
  const unclear = findingsOf(reportOf({ consumed, warnings: [warning('ODD', 7)] }));
  assert.deepEqual(
    unclear.map(({ fate, line, items }) => [fate, line, items[0]?.key]),
    [
      ['warning', 7, undefined],
      ['converted', null, 'HOSTNAME'],
      ['converted', null, 'VE_ROOT'],
    ],
  );
  const named = findingsOf(
    reportOf({ consumed, warnings: [warning('ODD', 7, 'major', 'VE_ROOT. VE_ROOT_DIR')] }),
  );
  assert.deepEqual(
    named.map(({ fate, items }) => [fate, items[0]?.key]),
    [
      ['warning', 'VE_ROOT'],
      ['converted', 'HOSTNAME'],
    ],
  );
});

test('the worst come first, then what has no line, then the files in their order', () => {
  const report = reportOf({
    ignored: [
      dropped('G', 1, { origin: 'global', reason: 'g' }),
      dropped('B', 9, { reason: 'b' }),
      dropped('A', 2, { reason: 'a' }),
    ],
    warnings: [warning('LATE', null, 'minor'), warning('BAD', null, 'critical')],
  });
  assert.deepEqual(
    findingsOf(report).map(({ codes, items }) => items[0]?.key ?? codes[0]),
    ['BAD', 'LATE', 'A', 'B', 'G'],
  );
});

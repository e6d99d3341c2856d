import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsText, namesOf } from '../../lib/report/result.ts';
import { container, dropped, failed, resultFor, warning } from './samples.ts';

test('what occurs twice between nodes is found, however it is written', () => {
  const result = resultFor([
    container('101', { host: 'a', hostname: 'Web', addresses: ['10.0.0.1/24', '2001:DB8:0::1'], mac: MAC }),
    container('101', { host: 'b', hostname: 'web', addresses: ['2001:db8::1/64'], mac: MAC }),
    container('102', { host: 'b', hostname: 'db', addresses: ['10.0.0.1'] }),
  ]);
  assert.deepEqual(
    result.fleet.map(({ severity, text, who }) => [severity, text, namesOf(result, who).join(' ')]),
    [
      ['critical', 'id 101 on the target twice', 'root@a:101 root@b:101'],
      ['critical', 'address 10.0.0.1 twice', 'root@a:101 root@b:102'],
      ['critical', 'address 2001:db8::1 twice', 'root@a:101 root@b:101'],
      ['major', `MAC address ${MAC} twice`, 'root@a:101 root@b:101'],
      ['minor', 'hostname web twice', 'root@a:101 root@b:101'],
    ],
  );
  assert.deepEqual(result.verdicts, ['needs a person', 'needs a person', 'needs a person']);
  assert.deepEqual(result.alsoNeed, [0, 1, 2]);
});

test('the id on the target counts, not the ctid, and one container is no two', () => {
  const result = resultFor([
    container('101', { host: 'a', id: 'web', addresses: ['10.0.0.1/24', '10.0.0.1/32'] }),
    container('101', { host: 'b' }),
  ]);
  assert.deepEqual(result.fleet, []);
  assert.deepEqual(result.verdicts, ['clean', 'clean']);
});

test('a hostname that occurs twice is no reason to stay', () => {
  const result = resultFor([container('1', { hostname: 'a' }), container('2', { hostname: 'a' })]);
  assert.equal(result.fleet.length, 1);
  assert.deepEqual(result.verdicts, ['clean', 'clean']);
  assert.deepEqual(result.alsoNeed, []);
});

const VERDICT_CASES = [
  [container('1'), 'clean'],
  [container('1', { report: { ignored: [dropped('A', 1)] } }), 'clean'],
  [container('1', { report: { ignored: [dropped('A', 1, { severity: 'major' })] } }), 'needs a person'],
  [container('1', { report: { warnings: [warning('X', null, 'critical')] } }), 'needs a person'],
  [failed('1'), 'failed'],
] as const;

for (const [document, verdict] of VERDICT_CASES) {
  test(`verdict ${verdict}, whatever is shown: ${document.kind}`, () => {
    assert.deepEqual(resultFor([document], 'critical').verdicts, [verdict]);
    assert.deepEqual(resultFor([document], 'info').verdicts, [verdict]);
  });
}

test('counts are in words', () => {
  assert.equal(
    countsText(['clean', 'failed', 'clean', 'needs a person']),
    '4 containers: 2 clean, 1 needs a person, 1 failed',
  );
  assert.equal(countsText(['clean']), '1 container: 1 clean, 0 need a person, 0 failed');
});

test('nodes are in the order in which they came, those that are not known last', () => {
  const { nodes } = resultFor([
    failed('9'),
    container('2', { host: 'b', addresses: ['10.0.0.1'] }),
    container('1', { report: { ignored: [dropped('A', 1)] } }),
    container('3', { host: 'b', addresses: ['10.0.0.1'] }),
    container('4', { host: 'c' }),
  ]);
  assert.deepEqual(
    nodes.map(({ node, worst, byVerdict }) => [
      node,
      worst,
      byVerdict.clean,
      byVerdict['needs a person'],
      byVerdict.failed,
    ]),
    [
      ['root@b', 'critical', [], [1, 3], []],
      ['this machine', 'minor', [2], [], []],
      ['root@c', null, [4], [], []],
      [null, 'critical', [], [], [0]],
    ],
  );
});

const MAC = '00:18:51:12:34:56';

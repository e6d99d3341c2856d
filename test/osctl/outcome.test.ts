import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FailureCode, VzError } from '../../lib/errors.ts';
import type { Exit } from '../../lib/host/host.ts';
import { recogniseOsctlError } from '../../lib/osctl/osctl-errors.ts';
import { judgeOutcome } from '../../lib/osctl/outcome.ts';
import type { SendOutcome } from '../../lib/osctl/send.ts';

const NAMES = { host: 'root@node', login: 'ssh root@node', ct: 'tank:101', id: '101' };
const ended = (code: number | null, stderr = ''): Exit => ({ code, signal: null, stderr });
const lost = (exit: FailureCode): VzError =>
  new VzError('HOST_UNREACHABLE', { exit, what: 'ssh exited with 255' });
const shown = (state: string): string => JSON.stringify({ pool: 'tank', id: '101', state });

const judge = (outcome: Partial<SendOutcome>): ReturnType<typeof judgeOutcome> =>
  judgeOutcome({ bytes: 10, complete: true, output: '', end: ended(0), report: null, ...outcome }, NAMES);

test('the proof is the state of the container', () => {
  const output = `received\nimported\nautostart off\nshow\n${shown('stopped')}\n`;
  assert.deepEqual(judge({ output }), { pool: 'tank', id: '101', state: 'stopped' });
});

test('a failure of osctl is to be explained', () => {
  const end = ended(69, 'error: internal error\n');
  assert.deepEqual(judge({ output: 'received\n', end }), { stderr: 'error: internal error\n' });
});

test('all other ends are told apart', () => {
  const cases: [Partial<SendOutcome>, string, number][] = [
    [{ complete: false, bytes: 0, end: lost(69) }, 'HOST_UNREACHABLE', 69],
    [{ complete: false, end: lost(77) }, 'HOST_UNREACHABLE', 77],
    [{ complete: false, end: lost(69) }, 'LINK_LOST', 75],
    [{ complete: false, end: ended(73, 'mktemp: No space left') }, 'NOT_TAKEN', 74],
    [{ end: ended(65, 'received 10 bytes, not the whole archive') }, 'NOT_TAKEN', 74],
    [{ end: lost(69) }, 'OUTCOME_UNKNOWN', 76],
    [{ output: 'received\n', end: lost(69) }, 'OUTCOME_UNKNOWN', 76],
    [{ output: 'received\n', end: ended(null) }, 'OUTCOME_UNKNOWN', 76],
    [{ output: 'received\nimported\n', end: ended(69) }, 'AUTOSTART_LEFT', 69],
    [{ output: 'received\nimported\nshow\n', end: ended(1) }, 'NOT_PROVEN', 69],
    [{ output: 'received\nimported\nshow\nrubbish' }, 'OSCTL_ANSWER', 69],
    [{ output: `received\nimported\nshow\n${shown('staged')}` }, 'NOT_PROVEN', 69],
  ];
  for (const [outcome, code, exit] of cases) {
    assert.throws(
      () => judge(outcome),
      (error) => error instanceof VzError && error.code === code && error.exit === exit,
      JSON.stringify([outcome, code]),
    );
  }
});

test('what osctl says', () => {
  const cases: [string, string, number][] = [
    ['error: container tank:101 already exists', 'ID_TAKEN', 78],
    ['warning: x\nerror: container tank:101 is held by ct_import\n', 'LOCKED', 75],
    ['error: user not found', 'NO_USER', 78],
    ["error: device 'c 10:229 rwm' not available in group 'tank:/default'", 'DEVICE', 78],
    ["error: group 'tank:/default' provides only mode 'r' for device 'c 1:1 rw'", 'DEVICE', 78],
    ['error: internal error', 'INTERNAL_ERROR', 69],
    ['error: something new', 'IMPORT_FAILED', 69],
  ];
  for (const [stderr, code, exit] of cases) {
    const found = recogniseOsctlError(stderr);
    assert.deepEqual([found?.code, found?.exit], [code, exit], stderr);
  }
  assert.equal(recogniseOsctlError('Segmentation fault'), null);
});

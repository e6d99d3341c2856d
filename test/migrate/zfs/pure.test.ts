import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VzMigration } from '../../../lib/documents/documents.ts';
import { EXIT, VzError } from '../../../lib/errors.ts';
import { isSyncSnapshot, ownSnapshots } from '../../../lib/export/zfs-snapshots.ts';
import { plainCommand } from '../../../lib/host/remote.ts';
import { bytesPerMs, readWritten } from '../../../lib/migrate/zfs/predict.ts';
import { possibleBases, unneededSnapshots } from '../../../lib/migrate/zfs/progress-of-datasets.ts';
import { judgeStream } from '../../../lib/migrate/zfs/receive-end.ts';
import { readAnswer } from '../../../lib/osctl/receive/answer.ts';

type Parts = Pick<VzMigration, 'source' | 'sync'>;

function parts(snapshots: string[], ...datasets: [string | null, string | null][]): Parts {
  return {
    source: { wasRunning: null, onboot: null, disabled: null, snapshots },
    sync: {
      passes: [],
      datasets: datasets.map(([confirmed, doubtful], index) => ({
        name: index === 0 ? '' : `d${index}`,
        confirmed: confirmed === null ? null : { name: confirmed, guid: null },
        doubtful,
      })),
    },
  };
}

test('bases: what is doubtful comes first, then what is confirmed', () => {
  const all = ['1', '2', '3', '4'];
  assert.deepEqual(possibleBases(parts(all, [null, null]), ''), [null]);
  assert.deepEqual(possibleBases(parts(all, [null, '2']), ''), ['2', '1', null]);
  assert.deepEqual(possibleBases(parts(all, ['1', null]), ''), ['1']);
  assert.deepEqual(possibleBases(parts(all, ['1', '3']), ''), ['3', '2', '1']);
  assert.deepEqual(possibleBases(parts(all, ['4', null], ['1', '2']), 'd1'), ['2', '1']);
});

test('snapshots go when all datasets have a newer one; the newest confirmed, and what may be one, never', () => {
  const all = ['1', '2', '3', '4'];
  assert.deepEqual(unneededSnapshots(parts(all, [null, null])), all);
  assert.deepEqual(unneededSnapshots(parts(all, [null, '2'])), ['3', '4']);
  assert.deepEqual(unneededSnapshots(parts(all, ['4', null], ['4', null])), ['1', '2', '3']);
  assert.deepEqual(unneededSnapshots(parts(all, ['4', null], ['2', '3'])), ['1']);
  assert.deepEqual(unneededSnapshots(parts(all, ['3', null], [null, null])), ['4']);
});

test('names of snapshots: no export takes those of a migration for its own', () => {
  assert.deepEqual(ownSnapshots(['a@vz2osctl-101-sync-1700000000', 'a@vz2osctl-101-base-1'], '101'), [
    'vz2osctl-101-base-1',
  ]);
  assert.ok(isSyncSnapshot('vz2osctl-101-sync-1700000000', '101'));
  for (const other of ['vz2osctl-1011-sync-1', 'vz2osctl-101-base-1', 'vz2osctl-101-sync-1x', 'daily'])
    assert.ok(!isSyncSnapshot(other, '101'), other);
});

test('answers of the receiving side', () => {
  const exit = (code: number | null, stderr = '') => ({
    code,
    signal: code === null ? 'SIGTERM' : null,
    stderr,
  });
  const kind = (...args: Parameters<typeof exit>): string => {
    const answer = readAnswer(exit(...args), '', 'node');
    return answer.kind === 'refused' ? `${answer.error.code} ${answer.error.exit}` : answer.kind;
  };
  const table: [string, string][] = [
    ['invalid authentication key', 'RECEIVE_KEY 77'],
    ['authentication key mismatch', 'RECEIVE_KEY 77'],
    ['access denied: invalid container id', 'RECEIVE_KEY 77'],
    ['container tank:101 already exists', 'ID_TAKEN 78'],
    ['container not found', 'NO_CONTAINER 69'],
    ['the pool is disabled', 'POOL_DISABLED 75'],
    ['pool not found', 'POOL 78'],
    ['this container is not staged', 'NOT_STAGED 69'],
    ['invalid send sequence', 'SEND_SEQUENCE 69'],
    ['unable to receive stream, zfs recv exited with 1', 'STREAM_REFUSED 69'],
    ['unable to receive stream, mbuffer exited with 1 and zfs recv exited with ', 'STREAM_REFUSED 69'],
    ['dataset does not exist', 'NO_DATASET 78'],
    ["device 'char 10:200' not available in group '/default'", 'DEVICE 78'],
    ['unsupported send/receive protocol version 2', 'PROTOCOL 69'],
    ['send/receive protocol version mismatch, request=2 log=1', 'PROTOCOL 69'],
    ['container failed to start', 'START_FAILED 69'],
    ['internal error', 'INTERNAL_ERROR 69'],
    ['something new', 'RECEIVE_FAILED 69'],
  ];
  for (const [text, expected] of table) assert.equal(kind(1, `Error: ${text}\n`), expected, text);
  assert.equal(kind(0), 'done');
  assert.equal(kind(1, 'Usage:\n  receive skel …\n'), 'usage');
  assert.equal(kind(1, 'run:7: No such file or directory (Errno::ENOENT)\n'), 'unsent');
  assert.equal(kind(127, 'bash: run: No such file or directory\n'), 'unsent');
  assert.equal(kind(1, 'end of file reached (EOFError)\n'), 'unknown');
  assert.equal(kind(1), 'unknown');
  assert.equal(kind(null), 'unknown');
  const link = (code: string, exit: VzError['exit']): string =>
    readAnswer(new VzError(code, { exit, what: 'ssh exited with 255' }), '', 'node').kind;
  assert.equal(link('HOST_UNREACHABLE', EXIT.noPermission), 'unsent');
  for (const code of ['NOT_CONNECTED', 'NO_COMMON_ALGORITHM', 'NO_SESSION', 'SSH_CONFIG', 'PROGRAM_MISSING'])
    assert.equal(link(code, EXIT.unavailable), 'unsent', code);
  assert.equal(link('HOST_UNREACHABLE', EXIT.unavailable), 'unknown');
});

test('a node that knows a command no more', () => {
  const error = judgeStream({ kind: 'usage' }, 'node');
  assert.deepEqual([error?.code, error?.exit], ['PROTOCOL', 69]);
});

test('words for a forced command', () => {
  assert.equal(plainCommand(['receive', '2', 'base', 'a', '/', 'x:y_z-1']), 'receive 2 base a / x:y_z-1');
  for (const word of ['', 'a b', "'", '$(id)', 'a\n', ';'])
    assert.throws(() => plainCommand(['receive', word]));
});

test('prediction: what was written, as it is sent', () => {
  assert.equal(readWritten('1000\n1.50x\n', false), 1500);
  assert.equal(readWritten('1000\n1.50\n', true), 1000);
  assert.equal(readWritten('-\n1.50x\n', false), null);
  assert.equal(readWritten('', true), null);
  const pass = { at: '', how: 'base', ms: 300, walkMs: 100, bytes: '4000' } as const;
  assert.equal(bytesPerMs([pass]), 20);
  assert.equal(bytesPerMs([{ ...pass, bytes: '0' }]), null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VzError } from '../../lib/errors.ts';
import { isDamage } from '../../lib/osctl/direct-errors.ts';
import { judgeDirect } from '../../lib/osctl/direct-outcome.ts';
import type { DirectOutcome } from '../../lib/osctl/send-direct.ts';

const NAMES = { host: 'root@node', login: 'ssh root@node', ct: 'tank:101', id: '101' };
const SHOWN = '{"pool":"tank","id":"101","state":"stopped"}';
const LOST = new VzError('HOST_UNREACHABLE', { exit: 69, what: 'ssh exited with 255: vz2osctl-step tar' });
const BAD = new VzError('BAD_ARCHIVE', { exit: 65, what: 'not right', hint: 'nothing was imported' });

function outcome(lines: string, code: number | null, changes: Partial<DirectOutcome> = {}): DirectOutcome {
  return {
    bytes: 1,
    committed: false,
    output: lines,
    said: new Map(),
    end: { code, signal: null, stderr: '' },
    archive: null,
    failure: null,
    ...changes,
  };
}

test('a container that is there, stopped, is what proves it', () => {
  const whole = outcome(`begun\ncommitting\ncommitted\nshow\n${SHOWN}\n`, 0, { committed: true });
  assert.equal(judgeDirect(whole, NAMES).state, 'stopped');
});

test('all else has a code, and says what is on the node', () => {
  const committed = { committed: true };
  const said = (step: string, line: string): Partial<DirectOutcome> => ({ said: new Map([[step, [line]]]) });
  const cases: [DirectOutcome, number, RegExp][] = [
    [
      outcome(
        'begun\nfailed tar\nundone\n',
        69,
        said('tar', 'tar: ./x: Cannot write: No space left on device'),
      ),
      69,
      /tar failed: tar: \.\/x: Cannot write: No space left on device; nothing is left on the node$/,
    ],
    [
      outcome(
        'begun\nfailed tar\nundone\n',
        69,
        said('tar', 'gzip: stdin: invalid compressed data--crc error'),
      ),
      65,
      /crc error; nothing was imported/,
    ],
    [
      outcome('begun\nfailed new\nundone\n', 69, said('new', 'error: container tank:101 already exists')),
      78,
      /osctl ct new failed: container tank:101 already exists/,
    ],
    [
      outcome('begun\nfailed config\nleft osctl ct del tank:101\n', 69),
      69,
      /could not be undone, do it as root there: osctl ct del tank:101$/,
    ],
    [
      outcome('begun\n', 0, { end: LOST }),
      75,
      /ssh exited with 255; nothing was imported; the node undoes by itself what it made, within 5 min/,
    ],
    [outcome('', 0, { end: LOST }), 69, /ssh exited with 255/],
    [outcome('begun\n', null), 75, /killed by null; nothing was imported/],
    [outcome('begun\nended\nundone\n', 75), 75, /heard nothing for too long; nothing is left on the node$/],
    [
      outcome('begun\n', 0, { ...committed, end: LOST }),
      76,
      /ssh exited with 255, after all was sent; do not repeat, look first: ssh root@node osctl ct show tank:101$/,
    ],
    [outcome('', 0, { ...committed, end: LOST }), 76, /do not repeat/],
    [outcome('begun\ncommitting\n', 137, committed), 76, /the import exited with 137; look first/],
    [
      outcome('begun\ncommitting\nfailed commit\nundone\n', 69, committed),
      69,
      /the commit failed: it does not say why; nothing is left/,
    ],
    [
      outcome('begun\ncommitting\ncommitted\n', 0, { ...committed, end: LOST, ...said('modes', '') }),
      69,
      /is imported, but: setting the modes of its directories failed: ssh exited with 255; look/,
    ],
    [
      outcome(`begun\ncommitted\nshow\n${SHOWN.replace('stopped', 'running')}`, 0, committed),
      69,
      /is imported, but: its state is running, expected stopped/,
    ],
    [outcome('begun\n', 2, said('tar', 'x')), 69, /the import exited with 2; the node undoes/],
    [outcome('begun\nfailed tar\nundone\n', 69, { failure: BAD }), 65, /^not right; nothing was imported$/],
    [
      outcome('begun\nfailed tar\nleft osctl ct del tank:101\n', 69, { failure: BAD }),
      65,
      /^not right; nothing was imported; what was made there could not be undone/,
    ],
  ];
  for (const [given, exit, line] of cases) {
    assert.throws(
      () => judgeDirect(given, NAMES),
      (error) => error instanceof VzError && error.exit === exit && line.test(error.line),
      `${given.output} ${exit} ${line}`,
    );
  }
});

test('damage, and what is none', () => {
  for (const line of [
    'gzip: stdin: unexpected end of file',
    'gunzip: stdin: not in gzip format',
    'tar: Skipping to next header',
    'tar: Unexpected EOF in archive',
    'cannot receive: invalid stream (checksum mismatch)',
    'cannot receive new filesystem stream: incomplete stream',
    'cannot receive incremental stream: checksum mismatch or incomplete stream',
  ]) {
    assert.equal(isDamage(line), true, line);
  }
  for (const line of [
    'tar: ./x: Cannot write: No space left on device',
    'cannot receive new filesystem stream: out of space',
    'cannot receive: destination tank/ct/101 has snapshots',
    "cannot create 'tank/ct/101/a': permission denied",
  ]) {
    assert.equal(isDamage(line), false, line);
  }
});

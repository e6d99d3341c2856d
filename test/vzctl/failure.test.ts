import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EXIT, VzError } from '../../lib/errors.ts';
import { vzctlFailure } from '../../lib/vzctl/failure.ts';

const fail = (verb: string, code: number, stderr = ''): VzError =>
  vzctlFailure({ verb, ctid: '102', exit: { code, signal: null, stderr } });

/** vzctl's code, ours, and a part of the message. */
const OUTCOMES: readonly (readonly [number, string, number, RegExp])[] = [
  [5, 'NO_OPENVZ', 69, /not an OpenVZ kernel/],
  [9, 'LOCKED', 75, /locked by another vzctl/],
  [14, 'NO_CONTAINER', 66, /no config/],
  [31, 'STATE_CHANGED', 75, /not running/],
  [32, 'STATE_CHANGED', 75, /running/],
  [40, 'STATE_CHANGED', 75, /not mounted/],
  [41, 'STATE_CHANGED', 75, /already mounted/],
  [43, 'NO_PRIVATE_AREA', 66, /private area is missing/],
  [46, 'NODE_FULL', 73, /no space left/],
  [50, 'MOUNT_FAILED', 69, /cannot be mounted/],
  [51, 'UMOUNT_FAILED', 69, /cannot be unmounted/],
  [79, 'ACTION_SCRIPT_FAILED', 69, /action script/],
  [99, 'NO_PLOOP', 69, /ploop is not supported/],
  [105, 'DISABLED', 69, /disabled/],
  [150, 'PLOOP_IMAGE_MISSING', 78, /image was not found/],
  [152, 'PLOOP_MOUNT_FAILED', 69, /image could not be mounted/],
  [153, 'PLOOP_UMOUNT_FAILED', 69, /image could not be unmounted/],
  [156, 'SNAPSHOT_FAILED', 69, /snapshot could not be made/],
  [158, 'SNAPSHOT_DELETE_FAILED', 69, /snapshot could not be deleted/],
  [160, 'SNAPSHOT_MOUNT_FAILED', 69, /snapshot could not be mounted/],
  [161, 'SNAPSHOT_UMOUNT_FAILED', 69, /snapshot could not be unmounted/],
];
for (const [code, name, exit, says] of OUTCOMES) {
  test(`vzctl's ${code} is ${name}`, () => {
    const error = fail('snapshot', code, 'something before\nthe reason\n');
    assert.deepEqual([error.code, error.exit], [name, exit]);
    assert.match(error.line, says);
    assert.match(error.line, new RegExp(`^ct 102: vzctl snapshot failed \\(${code}\\): .*: the reason; .`));
  });
}

test('whatever kept it from stopping is STOP_FAILED', () => {
  assert.deepEqual([fail('stop', 33).code, fail('stop', 33).exit], ['STOP_FAILED', 69]);
  assert.equal(fail('stop', 79).code, 'STOP_FAILED');
  assert.match(fail('stop', 79).line, /action script/);
});

test('a vzctl that was killed is said to be', () => {
  const exit = { code: null, signal: 'SIGKILL', stderr: '' };
  assert.match(vzctlFailure({ verb: 'mount', ctid: '102', exit }).line, /vzctl mount was killed by SIGKILL/);
});

test('any code and any words give one line, and never success', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 255 }), fc.string(), (code, words) => {
      const error = fail('snapshot-mount', code, words);
      assert.ok(error instanceof VzError);
      assert.notEqual(Number(error.exit), EXIT.ok);
      assert.match(error.line, new RegExp(`\\(${code}\\)`));
      assert.doesNotMatch(error.line, /\n/);
    }),
  );
});

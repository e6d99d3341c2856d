import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { VzError } from '../../../lib/errors.ts';
import { filesWay } from '../../../lib/migrate/files/way.ts';
import {
  differences,
  differencesMeanwhile,
  killSsh,
  type Moving,
  replaceOnNode,
  startMoving,
  stopAndSend,
  untilSsh,
} from './setup.ts';

const slow = (moving: Moving, bytesPerSecond: number): Moving['run'] => ({
  ...moving.run,
  options: { ...moving.run.options, bytesPerSecond },
});

/** ssh itself, which says nothing then. */
const KILLED = { exit: 74, message: /was killed by SIGKILL/ };

const noDifference = ({ source, incoming }: Moving): void =>
  assert.deepEqual(differencesMeanwhile(source.privatePath, incoming), []);

test('a link that is lost while the container is made: the next run waits, and knows it', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, journal, target } = moving;
  replaceOnNode(moving, 'osctl', 'case "$*" in *" ct new "*) sleep 3 ;; esac; exec "$real" "$@"');
  const made = filesWay.make(run);
  await Promise.all([
    assert.rejects(made, { exit: 75, code: 'NO_ANSWER' }),
    killSsh(moving, 'ct new --skip-image'),
  ]);
  assert.equal(journal.document.step, 'staging');
  await filesWay.make(run);
  assert.equal(journal.document.step, 'staged');
  assert.match(target.osctl(['-j', 'ct', 'show', '101']).stdout, new RegExp(journal.document.id));
  await filesWay.make(run);
});

test('a link that is lost in the tar, on either side: the next pass is rsync', async (t) => {
  const moving = await startMoving(t, { plain: true, sizeMib: 8 });
  if (!moving) return;
  const { run, journal, remote } = moving;
  await filesWay.make(run);
  const limited = slow(moving, 1024 * 1024);
  await Promise.all([assert.rejects(filesWay.pass(limited), KILLED), killSsh(moving, 'vz2osctl-pass:')]);
  assert.deepEqual(journal.document.sync.passes, []);
  const cut = filesWay.pass(limited);
  await Promise.all([
    assert.rejects(cut, VzError),
    killSsh(moving, 'rsync --server').then(() => remote.link.cut()),
  ]);
  await Promise.all([assert.rejects(filesWay.pass(limited), KILLED), killSsh(moving, 'vz2osctl-pass:')]);
  assert.equal((await filesWay.pass(run)).how, 'rsync');
  noDifference(moving);
  await stopAndSend(moving);
  assert.deepEqual(differences(moving.source.privatePath, moving.incoming), []);
});

test('a run that is aborted in a pass leaves nothing behind that writes', async (t) => {
  const moving = await startMoving(t, { plain: true, sizeMib: 8 });
  if (!moving) return;
  const { run, abort } = moving;
  await filesWay.make(run);
  const broken = filesWay.pass(slow(moving, 1024 * 1024));
  await Promise.all([
    assert.rejects(broken, /aborted by the test/),
    untilSsh(moving, 'vz2osctl-pass:').then(() => abort.abort(new Error('aborted by the test'))),
  ]);
  const again = { ...run, io: { ...run.io, signal: new AbortController().signal } };
  await filesWay.pass(again);
  noDifference(moving);
});

test('a link that is lost in the commit, and in the reverse, is no doubt: it is looked', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run } = moving;
  await filesWay.make(run);
  await filesWay.pass(run);
  await stopAndSend(moving);
  replaceOnNode(moving, 'mv', 'sleep 2; exec "$real" "$@"');
  await Promise.all([filesWay.commit(run), killSsh(moving, 'incoming" "$private"')]);
  assert.deepEqual(differences(moving.source.privatePath, moving.private), []);
  await Promise.all([filesWay.withhold(run), killSsh(moving, '$private" "$incoming')]);
  assert.equal(existsSync(moving.private), false);
});

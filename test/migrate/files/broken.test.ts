import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { VzError } from '../../../lib/errors.ts';
import { takeMapsOff } from '../../../lib/migrate/files/maps.ts';
import { filesWay } from '../../../lib/migrate/files/way.ts';
import {
  differences,
  differencesMeanwhile,
  killSsh,
  type Moving,
  mapsOf,
  replaceOnNode,
  restoreOnNode,
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
  await Promise.all([
    assert.rejects(filesWay.pass(limited), { exit: 69 }),
    killSsh(moving, 'vz2osctl-pass:'),
  ]);
  assert.deepEqual(journal.document.sync.passes, []);
  const cut = filesWay.pass(limited);
  await Promise.all([
    assert.rejects(cut, VzError),
    killSsh(moving, 'rsync --server').then(() => remote.link.cut()),
  ]);
  await Promise.all([
    assert.rejects(filesWay.pass(limited), { exit: 69 }),
    killSsh(moving, 'vz2osctl-pass:'),
  ]);
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

test('a run that dies between the steps of taking the maps off and putting them on', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, journal } = moving;
  await filesWay.make(run);
  const maps = mapsOf(moving);
  const dieAt = (note: string): void => {
    journal.onNote = (now) => {
      if (now === note) throw new Error('died');
    };
  };
  for (const note of ['begin zfs set uidmap=none gidmap=none', 'end zfs set uidmap=none gidmap=none']) {
    dieAt(note);
    await assert.rejects(filesWay.pass(run), /died/);
    assert.deepEqual(journal.document.target?.maps, { uid: maps[0], gid: maps[1] });
  }
  dieAt('');
  await filesWay.pass(run);
  noDifference(moving);
  await stopAndSend(moving);
  for (const note of ['begin zfs set uidmap gidmap', 'end zfs set uidmap gidmap']) {
    dieAt(note);
    await assert.rejects(filesWay.commit(run), /died/);
    assert.equal(existsSync(moving.private), false);
  }
  dieAt('');
  await filesWay.commit(run);
  assert.deepEqual(mapsOf(moving), maps);
  // The node has booted in between, and mounted nothing.
  await filesWay.withhold(run);
  await takeMapsOff(run);
  assert.deepEqual(mapsOf(moving), ['none', 'none']);
});

test('a full disk on the node fails a pass, and the next one goes on', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, source, incoming } = moving;
  await filesWay.make(run);
  await takeMapsOff(run);
  const large = join(source.privatePath, 'srv/large');
  writeFileSync(large, Buffer.alloc(8 * 1024 * 1024, 1));
  for (const [place, message] of [
    [
      dirname(incoming),
      /^root@node: tank:101: tar exited with 2: tar: \.\/srv\/large: .*No space left on device/,
    ],
    [incoming, /^root@node: tank:101: rsync exited with (?:11|12|23): .*No space left on device/],
  ] as const) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', place]);
    try {
      await assert.rejects(filesWay.pass(run), { exit: 74, message });
    } finally {
      execFileSync('umount', [place]);
    }
    // What was there before.
    rmSync(incoming, { recursive: true, force: true });
    execFileSync('mkdir', [incoming]);
  }
  rmSync(incoming, { recursive: true });
  await filesWay.pass(run);
  noDifference(moving);
});

test('files that cannot be copied are a warning before the last pass, and an error in it', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, journal } = moving;
  await filesWay.make(run);
  await filesWay.pass(run);
  replaceOnNode(moving, 'rsync', '[ "$1" = --version ] && exec "$real" "$@"; "$real" "$@"; exit 23');
  await filesWay.pass(run);
  assert.match(moving.said(), /warning: ct 101: some files could not be copied to tank:101/);
  await assert.rejects(stopAndSend(moving), { exit: 74, message: /rsync exited with 23/ });
  assert.equal(journal.document.sync.passes.length, 2);
  restoreOnNode(moving, 'rsync');
  moving.source.vzctl('start', '101');
  await stopAndSend(moving);
});

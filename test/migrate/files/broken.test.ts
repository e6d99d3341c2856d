import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { takeMapsOff } from '../../../lib/migrate/files/maps.ts';
import { filesWay } from '../../../lib/migrate/files/way.ts';
import {
  differencesMeanwhile,
  type Moving,
  mapsOf,
  replaceOnNode,
  restoreOnNode,
  startMoving,
  stopAndSend,
} from './setup.ts';

const noDifference = ({ source, incoming }: Moving): void =>
  assert.deepEqual(differencesMeanwhile(source.privatePath, incoming), []);

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
  for (const [when, isDone] of [
    ['begin', false],
    ['end', true],
  ] as const) {
    dieAt(`${when} zfs set uidmap gidmap, mv vz2osctl.incoming private`);
    await assert.rejects(filesWay.commit(run), /died/);
    assert.equal(existsSync(moving.private), isDone);
  }
  dieAt('');
  await filesWay.commit(run);
  assert.deepEqual(mapsOf(moving), maps);
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
    [dirname(incoming), /^root@node: tank:101: tar exited with 2: tar: .*No space left on device/],
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

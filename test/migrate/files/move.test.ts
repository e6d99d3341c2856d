import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, linkSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesWay } from '../../../lib/migrate/files/way.ts';
import { assertGone, differences, differencesMeanwhile, mapsOf, startMoving, stopAndSend } from './setup.ts';

test('a hostile container moves: tar, rsync, last pass, commit, finish', async (t) => {
  const moving = await startMoving(t);
  if (!moving) return;
  const { run, journal, source, target } = moving;
  const tree = source.privatePath;
  await filesWay.make(run);
  assert.equal(journal.document.step, 'staged');
  const maps = mapsOf(moving);
  assert.match(maps[0] ?? '', /^0:\d+:65536$/);
  assert.match(target.osctl(['ct', 'start', '101']).stderr, /container failed to start/);
  assert.equal((await filesWay.predict(run)).walkMs, 0);

  const first = await filesWay.pass(run);
  assert.equal(first.how, 'tar');
  assert.deepEqual(differencesMeanwhile(tree, moving.incoming), []);
  assert.deepEqual(mapsOf(moving), ['none', 'none']);
  assert.deepEqual(journal.document.target?.maps, { uid: maps[0], gid: maps[1] });
  assert.match(target.osctl(['ct', 'start', '101']).stderr, /container failed to start/);

  writeFileSync(join(tree, 'etc/new file\nwith a newline'), 'new');
  appendFileSync(join(tree, 'etc/hostname'), 'more\n');
  unlinkSync(join(tree, 'srv/hostile/link-b'));
  linkSync(join(tree, 'srv/hostile/link-a'), join(tree, 'srv/link-d'));
  rmSync(join(tree, 'srv/hostile/dir with space'), { recursive: true });
  execFileSync('setcap', ['cap_net_admin+ep', join(tree, 'usr/bin/wall')]);
  const second = await filesWay.pass(run);
  assert.equal(second.how, 'rsync');
  assert.ok(BigInt(second.bytes) < BigInt(first.bytes) / 2n, `${second.bytes} of ${first.bytes}`);
  assert.deepEqual(differencesMeanwhile(tree, moving.incoming), []);
  assert.equal(existsSync(join(moving.incoming, 'dev/null')), false);
  const prediction = await filesWay.predict(run);
  assert.equal(prediction.walkMs + prediction.dataMs, second.ms);

  writeFileSync(join(tree, 'etc/last'), 'last');
  await stopAndSend(moving);
  assert.equal(journal.document.sync.passes.length, 3);
  await filesWay.commit(run);
  await filesWay.commit(run);
  assert.deepEqual(differences(tree, moving.private), []);
  assert.deepEqual(mapsOf(moving), maps);
  assert.equal(journal.document.target?.maps, null);
  assert.equal(statSync(moving.private).mode & 0o7777, 0o755);
  assert.equal(statSync(join(moving.private, '..')).mode & 0o7777, 0o770);
  assert.equal(target.osctl(['ct', 'start', '101']).code, 0);
  await filesWay.finish(run);
  await filesWay.finish(run);
  assert.doesNotMatch(target.osctl(['-j', 'ct', 'show', '101']).stdout, /vz2osctl:(?:migration|made)/);
  assert.match(target.osctl(['-j', 'ct', 'show', '101']).stdout, /"autostart":false/);
});

test('after a commit: withheld, nothing can start, and a pass goes on from what is there', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, source, target } = moving;
  await filesWay.make(run);
  await filesWay.pass(run);
  await stopAndSend(moving);
  await filesWay.commit(run);
  assert.equal(target.osctl(['ct', 'start', '101']).code, 0);
  await assert.rejects(filesWay.withhold(run), {
    exit: 69,
    code: 'TARGET_FAILED',
    message: /in state running/,
  });
  target.osctl(['ct', 'stop', '101']);
  writeFileSync(join(moving.private, 'etc/made-there'), 'gone with the rollback');
  await filesWay.withhold(run);
  await filesWay.withhold(run);
  assert.match(target.osctl(['ct', 'start', '101']).stderr, /container failed to start/);
  source.vzctl('start', '101');
  writeFileSync(join(source.privatePath, 'etc/later'), 'later');
  assert.equal((await filesWay.pass(run)).how, 'rsync');
  assert.deepEqual(differencesMeanwhile(source.privatePath, moving.incoming), []);
  await stopAndSend(moving);
  await filesWay.commit(run);
  assert.deepEqual(differences(source.privatePath, moving.private), []);
  assert.equal(target.osctl(['ct', 'start', '101']).code, 0);
});

test('the last pass can be the only one, and a discard leaves nothing', async (t) => {
  const moving = await startMoving(t, {
    plain: true,
    change: (document) => ({
      ...document,
      user: { name: 'web', uidMap: ['0:2000000:65536'], gidMap: ['0:2000000:65536'] },
      group: '/a/b',
    }),
  });
  if (!moving) return;
  const { run, source, journal, target } = moving;
  await filesWay.make(run);
  const shown = JSON.parse(target.osctl(['-j', 'ct', 'show', '101']).stdout);
  assert.deepEqual([shown.user, shown.group], ['web', '/a/b']);
  await stopAndSend(moving);
  assert.deepEqual(
    journal.document.sync.passes.map(({ how }) => how),
    ['rsync'],
  );
  assert.deepEqual(differences(source.privatePath, moving.incoming), []);
  await filesWay.discard(run);
  assertGone(moving);
  await filesWay.discard(run);
});

test('ploop: read where it is mounted, running, stopped, and down', async (t) => {
  const moving = await startMoving(t, {
    plain: true,
    ploop: true,
    ctid: '102',
  });
  if (!moving) return;
  const { run, source } = moving;
  const root = join(source.dir, 'root/102');
  await filesWay.make(run);
  assert.equal((await filesWay.prepareLast(run)).stop, 'mounted');
  await filesWay.pass(run);
  assert.deepEqual(
    differencesMeanwhile(root, moving.incoming).filter((line) => !line.includes('balloon')),
    [],
  );
  writeFileSync(join(root, 'etc/last'), 'last');
  source.vzctl('stop', '102');
  assert.match(source.status('102'), / unmounted down$/);
  await filesWay.pass(run);
  assert.match(source.status('102'), / unmounted down$/);
  assert.equal(existsSync(join(moving.incoming, 'etc/last')), true);
  source.vzctl('start', '102');
  await stopAndSend(moving, '102');
  await filesWay.commit(run);
  assert.deepEqual(
    differences(root, moving.private).filter((line) => !line.includes('balloon')),
    [],
  );
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { assertNeverTwice, type Migration, running, startMigration } from '../support/migrations.ts';
import { runPipe } from '../support/nodes.ts';
import { showContainer } from '../support/receiver.ts';

/** `vz6 migrate WORDS`, with the directory of this test's migrations. */
const migrate = ({ env, stateDir }: Migration, words: string) =>
  runPipe(`vpsadminos-convert vz6 migrate ${words} --state-dir '${stateDir}'`, { env });

test('stage, sync, transfer, cleanup -d', async (t) => {
  const migration = await startMigration(t, 'simfs');
  if (!migration) return;
  const { source, target, name, ctid } = migration;
  const staged = await migrate(
    migration,
    `stage ${name} node --conf-dir '${source.confDir}' --netif-type routed`,
  );
  assert.equal(staged.code, 0, staged.stderr);
  assert.equal(staged.stdout, '');
  assert.match(
    staged.stderr,
    /^Parsing config\n[\s\S]*^Consumed config items:\n[\s\S]*^Ignored config items:\n/m,
  );
  assert.match(
    staged.stderr,
    /\n\nMigration stage successful\nContinue with vz6 migrate sync root@vz6:101, or abort/,
  );
  assert.equal(migration.state()?.destination.host.user, 'root');
  const synced = await migrate(migration, `sync ${name}`);
  assert.equal(synced.code, 0, synced.stderr);
  assert.deepEqual(running(migration), ['source']);
  const moved = await migrate(migration, `transfer ${name}`);
  assert.equal(moved.code, 0, moved.stderr);
  assert.deepEqual(running(migration), ['target']);
  assertNeverTwice(migration);
  const cleaned = await migrate(migration, `cleanup -d ${name}`);
  assert.equal(cleaned.code, 0, cleaned.stderr);
  assert.match(source.status(ctid), / deleted /);
  assert.equal(migration.state(), undefined);
  assert.ok(showContainer(target, ctid));
});

test('the steps are those of vz-migrate-step: either program goes on where the other one was', async (t) => {
  const migration = await startMigration(t, 'simfs');
  if (!migration) return;
  const { name } = migration;
  assert.equal((await migration.stage()).code, 0);
  assert.equal((await migrate(migration, `sync ${name}`)).code, 0);
  const moved = await migration.step('transfer');
  assert.equal(moved.code, 0, moved.stderr);
  const kept = await migrate(migration, `cleanup --no-delete ${name}`);
  assert.equal(kept.code, 0, kept.stderr);
  assert.match(kept.stderr, /the old container is kept/);
});

test('now -y with --port and --delete', async (t) => {
  const migration = await startMigration(t, 'simfs');
  if (!migration) return;
  const { source, name, ctid } = migration;
  const port = /^\s*Port (\d+)/m.exec(readFileSync(migration.target.sshConfig, 'utf8'))?.[1];
  assert.ok(port);
  const words = `now -y -d -p ${port} ${name} node --conf-dir '${source.confDir}'`;
  const moved = await migrate(migration, words);
  assert.equal(moved.code, 0, moved.stderr);
  assert.match(moved.stderr, /Consumed config items:[\s\S]*has moved[\s\S]*^\* Cleaning up\n/m);
  assert.deepEqual(running(migration), ['target']);
  assertNeverTwice(migration);
  assert.match(source.status(ctid), / deleted /);
  assert.equal(migration.state(), undefined);
});

test('now on a terminal asks; a no cancels', async (t) => {
  const migration = await startMigration(t, 'simfs');
  if (!migration) return;
  const { source, target, name, stateDir, env, ctid } = migration;
  const words = `vz6 migrate now ${name} node --conf-dir ${source.confDir} --state-dir ${stateDir}`;
  const result = await runPipe(`echo n | script -qec "$(command -v vpsadminos-convert) ${words}" /dev/null`, {
    env,
  });
  assert.match(result.stdout, /Consumed config items:[\s\S]*move it now\? [\s\S]*\* Cancelling migration/);
  assert.equal(result.code, 0, result.stdout);
  assert.deepEqual(running(migration), ['source']);
  assert.equal(showContainer(target, ctid), undefined);
  assert.equal(migration.state(), undefined);
});

test('-n shows what would be done, and does nothing', async (t) => {
  const migration = await startMigration(t, 'simfs');
  if (!migration) return;
  const { source, target, name, ctid } = migration;
  for (const step of ['stage', 'now']) {
    const shown = await migrate(migration, `${step} -n ${name} node --conf-dir '${source.confDir}'`);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /osctl -q ct new/);
    assert.equal(/vzctl (--skiplock )?stop/.test(shown.stdout), step === 'now', shown.stdout);
  }
  assert.equal(showContainer(target, ctid), undefined);
  assert.deepEqual(running(migration), ['source']);
});

test('--zfs goes as streams to osctl-ct-receive; without it files go by root, as upstream has it', async (t) => {
  const migration = await startMigration(t, 'zfs-receive-2');
  if (!migration) return;
  const { source, name } = migration;
  const words = `stage ${name} node --conf-dir '${source.confDir}'`;
  const files = await migrate(migration, words);
  assert.equal(files.code, 0, files.stderr);
  const byRoot = migration.state()?.destination;
  assert.deepEqual([byRoot?.via, byRoot?.host.user], ['root', 'root']);
  const cancelled = await migrate(migration, `cancel -f ${name}`);
  assert.equal(cancelled.code, 0, cancelled.stderr);
  const streams = await migrate(migration, `${words} --zfs`);
  assert.equal(streams.code, 0, streams.stderr);
  const byReceive = migration.state()?.destination;
  assert.deepEqual([byReceive?.via, byReceive?.host.user], ['receive', 'osctl-ct-receive']);
  for (const step of ['sync', 'transfer']) {
    const result = await migrate(migration, `${step} ${name}`);
    assert.equal(result.code, 0, result.stderr);
  }
  assert.deepEqual(running(migration), ['target']);
  assertNeverTwice(migration);
});

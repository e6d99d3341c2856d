import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertNeverTwice, running } from '../migrations.ts';
import { treeDifferences } from '../trees.ts';
import { type Faulty, namesIn } from './faulty.ts';

/** What holds at any moment: it never ran twice, and a source that is to be read has all its files. */
export function assertSound({ migration, kept }: Faulty): void {
  assertNeverTwice(migration);
  assert.ok(running(migration).length < 2, 'runs on both nodes');
  if (existsSync(join(migration.tree, 'etc'))) assert.deepEqual(differences(kept, migration.tree), []);
}

/** It runs on the target, and has all files there. */
export function assertMoved({ migration, kept }: Faulty): void {
  const { target, ctid, copy, pool } = migration;
  assert.deepEqual(running(migration), ['target']);
  assert.deepEqual(differences(kept, copy), []);
  if (pool)
    assert.ok(
      existsSync(join(target.dir, 'tank/ct', ctid, 'data/private/of-the-child')),
      'the child is empty',
    );
}

/** The source runs and may start by itself, as before stage, and nothing of the migration is left anywhere. */
export function assertPristine({ migration, config }: Faulty): void {
  const { source, ctid, target, pool, stateDir } = migration;
  assert.deepEqual(running(migration), ['source']);
  const now = readFileSync(join(source.confDir, `${ctid}.conf`), 'utf8');
  assert.deepEqual(settings(now), settings(config));
  assert.deepEqual(namesIn(join(source.dir, 'lock')), [], 'of the guard');
  assert.equal(target.osctl(['ct', 'ls', '-H', '-o', 'id']).stdout, '', 'a container on the new node');
  assert.equal(target.osctl(['user', 'ls', '-H', '-o', 'name']).stdout, '', 'a user on the new node');
  assert.deepEqual(namesIn(join(target.dir, 'tank/ct')), []);
  // What osctld has in its trash it destroys by itself.
  assert.deepEqual(pool?.snapshots().filter((name) => !name.includes('/trash/')) ?? [], []);
  assert.deepEqual(
    namesIn(stateDir).filter((name) => name.endsWith('.json')),
    [],
  );
}

/** Before the point of no return it runs again by itself, whatever has died. */
export async function assertRunsAgain({ migration }: Faulty): Promise<void> {
  const endsMs = performance.now() + 15_000;
  while (running(migration).length === 0) {
    assert.ok(performance.now() < endsMs, 'does not run again by itself');
    await sleep(100);
  }
}

/** What a start on either side changes is none, and /dev stays behind. */
function differences(before: string, after: string): string[] {
  return treeDifferences(before, after, ['/dev/*']).filter((line) => !/^\.d\S+ \.\/$/.test(line));
}

/** What the config sets, whatever vzctl has made of its lines. */
function settings(config: string): string[] {
  return config
    .split('\n')
    .filter((line) => line !== '' && !/^(ONBOOT="yes"|DISABLED="no"|#.*)$/.test(line))
    .sort();
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addBusybox } from '../support/busybox-guest.ts';
import { assertNeverTwice, startMigration } from '../support/migrations.ts';
import { needs } from '../support/needs.ts';
import { showContainer } from '../support/receiver.ts';
import { runDocument } from './run-document.ts';

test('docs/migrating.md: what it says can be typed, in order, and moves all containers', async (t) => {
  if (!needs(t, 'parallel', 'jq', 'busybox')) return;
  const migration = await startMigration(t, 'ploop');
  if (!migration) return;
  for (const tree of [migration.source.privatePath, migration.tree]) addBusybox(tree);
  await runDocument('docs/migrating.md', migration);
  for (const ctid of ['101', '102']) {
    assert.equal(showContainer(migration.target, ctid)?.['state'], 'running');
    assertNeverTwice({ ...migration, ctid });
  }
  assert.match(migration.source.status('101'), /down$/);
  assert.match(migration.source.status('102'), /deleted/);
});

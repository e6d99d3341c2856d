import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMigration } from '../support/migrations.ts';
import { needs } from '../support/needs.ts';
import { runDocument } from './run-document.ts';

test('docs/debugging.md: what it shows can be typed, in order, and stops nothing', async (t) => {
  if (!needs(t, 'jq')) return;
  const migration = await startMigration(t, 'zfs-receive-1', { children: ['data'] });
  if (!migration) return;
  const printed = await runDocument('docs/debugging.md', migration);
  assert.doesNotMatch(printed, /listxattr/);
  assert.deepEqual(
    migration.source.log().filter(({ verb }) => verb === 'start' || verb === 'stop'),
    [],
  );
});

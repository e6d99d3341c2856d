import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openJournal } from '../../lib/migrate/state/journal.ts';
import { loadMigration, saveMigration } from '../../lib/migrate/state/store.ts';
import { diskDirectory } from '../support/directories.ts';
import { sampleMigration } from '../support/sample-migration.ts';

const ROUNDS = 20;
const NAME = '101@vz6';
const writer = process.env['VZ2OSCTL_TEST_WRITER'];

if (writer !== undefined) {
  const journal = openJournal(writer, sampleMigration({ revision: 0 }));
  for (;;) {
    const revision = await journal.effect('an effect', async () => journal.document.revision);
    process.stdout.write(`${revision}\n`);
  }
} else {
  it('counts each write, and keeps what names the migration', async (t) => {
    const directory = diskDirectory(t);
    const journal = openJournal(directory, sampleMigration({ revision: 4 }));
    assert.equal(await loadMigration(directory, NAME), null);
    await journal.save({ step: 'synced' });
    await Promise.all([journal.save({ step: 'stopping' }), journal.save({ step: 'switching' })]);
    const { revision, step, id } = journal.document;
    assert.deepEqual([revision, step, id], [7, 'switching', sampleMigration().id]);
    assert.deepEqual(await loadMigration(directory, NAME), journal.document);
  });

  it('says on disk what is being done, and what came of it', async (t) => {
    const directory = diskDirectory(t);
    const journal = openJournal(directory, sampleMigration());
    const during = await journal.effect(
      'x'.repeat(300),
      () => loadMigration(directory, NAME),
      (seen, { source }) => ({ step: 'synced', source: { ...source, wasRunning: seen?.revision === 2 } }),
    );
    assert.equal(during?.doing?.effect, 'x'.repeat(200));
    const after = await loadMigration(directory, NAME);
    assert.deepEqual([after?.doing, after?.step, after?.source.wasRunning], [null, 'synced', true]);
    assert.equal(after?.revision, 3);
  });

  it('keeps the note of what has failed', async (t) => {
    const directory = diskDirectory(t);
    const journal = openJournal(directory, sampleMigration());
    await assert.rejects(
      journal.effect('osctl ct start', () => Promise.reject(new Error('no'))),
      /^Error: no$/,
    );
    assert.equal((await loadMigration(directory, NAME))?.doing?.effect, 'osctl ct start');
  });

  it('does not act when it cannot be written, and goes on once it can', async (t) => {
    const directory = diskDirectory(t);
    const journal = openJournal(`${directory}/later`, sampleMigration());
    await assert.rejects(
      journal.effect('x', async () => assert.fail('acted')),
      /ENOENT/,
    );
    assert.equal(journal.document.revision, 1);
  });

  it('is whole on disk whenever the program is killed', async (t) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const directory = diskDirectory(t);
      await saveMigration(directory, sampleMigration({ revision: 0 }));
      const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
        env: { ...process.env, VZ2OSCTL_TEST_WRITER: directory },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = 0;
      createInterface({ input: child.stdout }).on('line', (line) => {
        said = Number(line);
        // Between one write and the next, and in each part of one.
        if (said >= 1 + 2 * round) void sleep(round % 5).then(() => child.kill('SIGKILL'));
      });
      await once(child, 'close');
      const found = await loadMigration(directory, NAME);
      assert.ok(found && found.revision >= said, `${found?.revision} of ${said}`);
      assert.ok(readdirSync(directory).length <= 2, 'one temporary file at most');
      await saveMigration(directory, found);
      assert.deepEqual(readdirSync(directory), [`${NAME}.json`], 'and the next write removes it');
    }
  });
}

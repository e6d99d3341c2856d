import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Migration, startMigration } from '../../support/migrations.ts';

const PASSPHRASE = 'open:sesame-42';

test('the passphrase of a receive key is in no command line of this machine, unless ssh(1) is asked for', async (t) => {
  const migration = await startMigration(t, 'zfs-receive-2', { plain: true });
  if (!migration) return;
  const { target, stage, step } = migration;
  const words = watchSsh(migration);
  const key = readFileSync(join(target.dir, 'id_receive.pub'), 'utf8');
  target.osctl(['receive', 'authorized-keys', 'del', 'default']);
  const add = ['receive', 'authorized-keys', 'add', '--passphrase', PASSPHRASE, 'locked'];
  assert.equal(target.osctl(add, key).code, 0);
  const file = join(target.dir, 'passphrase');
  writeFileSync(file, `${PASSPHRASE}\n`);

  const without = await stage();
  assert.equal(without.code, 77, without.stderr);
  const log = join(target.dir, 'log');
  const staged = await stage('--passphrase-file', file, '--log-file', log);
  assert.equal(staged.code, 0, staged.stderr);
  assert.equal(staged.document?.destination.host.client, 'openssh');
  assert.match(
    readFileSync(log, 'utf8'),
    /receive 2 skel - \(passphrase\)|receive 2 skel - '\(passphrase\)'/,
  );
  const synced = await step('sync');
  assert.equal(synced.code, 0, synced.stderr);
  assert.match(words(), /receive 2 base /, 'data goes by ssh(1)');
  for (const text of [words(), readFileSync(log, 'utf8'), JSON.stringify(migration.state())])
    assert.ok(!text.includes(PASSPHRASE));

  assert.equal((await step('cancel')).code, 0);
  assert.equal((await stage('--passphrase-file', file, '--ssh', 'openssh')).code, 0);
  assert.ok(words().includes(PASSPHRASE), 'what was looked at would show it');
});

/** What ssh(1) was given so far to reach the new node. */
function watchSsh({ target }: Migration): () => string {
  const ssh = join(target.dir, 'client-bin/ssh');
  const log = join(target.dir, 'ssh-words');
  writeFileSync(log, '');
  const script = readFileSync(ssh, 'utf8').replace(
    '#!/bin/sh\n',
    `#!/bin/sh\nprintf '%s\\n' "$*" >>'${log}'\n`,
  );
  writeFileSync(ssh, script);
  return () => readFileSync(log, 'utf8');
}

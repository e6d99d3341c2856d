import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SshTarget } from '../../lib/documents/source.ts';
import type { VzError } from '../../lib/errors.ts';
import { openSshHost } from '../../lib/host/openssh.ts';
import { run } from '../../lib/host/run.ts';
import { needs } from '../support/needs.ts';
import { startVpsAdminOsNode } from '../support/nodes.ts';

const HOST: SshTarget = {
  client: 'openssh',
  user: 'root',
  name: 'node',
  port: null,
  identity: null,
  legacy: false,
  options: [],
};

test('a host over ssh: words arrive as they are, exit codes come back, files are read with a limit', async (t) => {
  if (!needs(t, 'root', 'sshd', 'ruby')) return;
  const node = startVpsAdminOsNode(t);
  const path = process.env['PATH'];
  process.env['PATH'] = node.env['PATH'];
  t.after(() => {
    process.env['PATH'] = path;
  });
  const host = openSshHost(HOST, assert.fail);
  const words = ['', "it's", 'a\nb', '$(id)', '-x', '*'];
  assert.equal((await run(host, ['printf', '%s|', ...words])).stdout.toString(), `${words.join('|')}|`);
  assert.equal((await run(host, ['sh', '-c', 'exit 7'])).code, 7);
  assert.equal((await run(host, ['cat'], { input: 'through' })).stdout.toString(), 'through');

  const file = join(node.dir, "a file's name");
  writeFileSync(file, 'x'.repeat(1000));
  assert.equal((await host.readFile(file))?.length, 1000);
  assert.equal((await host.readFile(file, { maxBytes: 1000 }))?.length, 1000);
  await assert.rejects(
    host.readFile(file, { maxBytes: 999 }),
    (error: VzError) => error.code === 'FILE_TOO_LARGE',
  );
  assert.equal(await host.readFile(join(node.dir, 'absent')), null);
  const fifo = join(node.dir, 'fifo');
  execFileSync('mkfifo', [fifo]);
  for (const special of [fifo, '/dev/zero', node.dir]) {
    await assert.rejects(host.readFile(special), (error: VzError) => error.exit === 74, special);
  }
});

test('a host that ssh cannot reach is a typed error', async () => {
  const nowhere = openSshHost({ ...HOST, name: '127.0.0.1', port: 1 }, assert.fail);
  await assert.rejects(
    run(nowhere, ['true']),
    (error: VzError) => error.code === 'NOT_CONNECTED' && error.exit === 69,
  );
});

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPipe } from '../support/nodes.ts';
import { assertNothingElse, GOOD, setUp, withDocument, wrapSsh } from './import-node.ts';

test('SIGINT while it flows: nothing is imported, nothing stays', async (t) => {
  const { node } = setUp(t) ?? {};
  if (!node) return;
  const file = join(node.dir, 'ct.tar');
  writeFileSync(file, GOOD);
  const script = `
    mkfifo ${node.dir}/fifo
    osctl-import root@node < ${node.dir}/fifo 2> ${node.dir}/err & pid=$!
    exec 5> ${node.dir}/fifo
    head -c 3000 ${file} >&5
    until grep -q importing ${node.dir}/err; do sleep 0.1; done
    kill -INT $pid
    wait $pid`;
  const result = await runPipe(script, { env: node.env });
  assert.equal(result.code, 130, readFileSync(join(node.dir, 'err'), 'utf8'));
  assertNothingElse(node);
});

test('a link that breaks while the archive flows: nothing is imported, a repeat is safe', async (t) => {
  const { node } = setUp(t) ?? {};
  if (!node) return;
  const file = join(node.dir, 'ct.tar');
  writeFileSync(file, GOOD);
  const env = wrapSsh(t, node, 'head -c 2000 | "$real" "$@"; exit 255');
  // The input stays open, and no more comes: what ends the program is the end of its ssh alone.
  const script = `
    mkfifo ${node.dir}/fifo
    osctl-import root@node < ${node.dir}/fifo & pid=$!
    exec 5> ${node.dir}/fifo
    head -c 3000 ${file} >&5
    wait $pid`;
  const result = await runPipe(script, { env });
  assert.equal(result.code, 75, result.stderr);
  assert.match(result.stderr, /nothing was imported; it can be repeated\n$/);
  assertNothingElse(node);
});

test('a link that breaks behind the archive: the outcome is unknown', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const result = await run('', GOOD, wrapSsh(t, node, '"$real" "$@" >/dev/null; exit 255'));
  assert.equal(result.code, 76, result.stderr);
  assert.match(result.stderr, /do not repeat, look first: ssh root@node osctl ct show tank:101\n$/);
  // Here it was done.
  assert.equal(JSON.parse(node.osctl(['-j', 'ct', 'show', '101']).stdout).state, 'stopped');
});

test('a link that is lost after the import does not take the report along', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const script = 'touch "$real.imported"; exec "$real" "$@"';
  const env = wrapSsh(t, node, script, '[ -e "$real.imported" ] && exit 255');
  const document = withDocument({ followUps: [{ do: 'refquota', bytes: '1073741824' }] });
  const result = await run('--apply', document, env);
  assert.equal(result.code, 69, result.stderr);
  const { id, followUps } = JSON.parse(result.stdout);
  assert.deepEqual([id, followUps[0].done, followUps[0].error], ['101', false, 'ssh exited with 255']);
  assert.match(
    result.stderr,
    /root@node: tank:101 is imported, but zfs set .*refquota.*run it there as root$/m,
  );
});

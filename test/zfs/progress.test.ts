import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runPipe } from '../support/nodes.ts';
import { zfsBehind, zfsDocument } from '../support/zfs-bundles.ts';
import { startZfsNode } from '../support/zfs-pool.ts';

/** Its reader sleeps, so that it has something to tell. */
const pipe = (flags = '') => [
  `vz-zfs-stream ${flags} --compression off --progress json`,
  '{ sleep 5; cat; }',
];

test('--progress json counts the bytes of the streams, against what zfs send -n -P says', async (t) => {
  const made = startZfsNode(t, { plain: true, sizeMib: 4 });
  if (!made) return;
  const bin = zfsBehind(
    t,
    `case $* in "send -n -P -v -i "*) printf 'size\\t1000\\n'; exit ;; "send -n -P -v "*) printf 'full\\tx\\t1\\nsize\\t5000000\\n'; exit ;; esac`,
  );
  const document = JSON.parse(await zfsDocument(made));
  document.source.facts.node.programs.zfsSend = ['n', 'P', 'v'];
  const result = await runPipe(pipe(), {
    env: { ...made.node.env, PATH: `${bin}:${made.node.env['PATH']}` },
    input: JSON.stringify(document),
  });
  assert.equal(result.code, 0, result.stderr);
  const rows = result.stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  assert.ok(rows.length >= 2, result.stderr);
  assert.equal(rows[0].totalBytes, 5_000_000);
  assert.equal(rows.at(-1).totalBytes, 5_001_000);
  assert.ok(rows.at(-1).bytes > 4 * 2 ** 20, `${rows.at(-1).bytes}`);
});

test('a zfs that cannot tell: bytes without a total; --quiet: nothing', async (t) => {
  const made = startZfsNode(t, { plain: true, sizeMib: 4 });
  if (!made) return;
  const run = (stages: string[]) =>
    zfsDocument(made).then((input) => runPipe(stages, { env: made.node.env, input }));
  const result = await run(pipe());
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, /^\{"type":"progress","what":"ct 101","bytes":[1-9]\d*,"totalBytes":null,/m);
  assert.equal((await run(pipe('-q'))).stderr, '');
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPipe } from '../../support/run-pipe.ts';
import { configOf } from '../samples.ts';
import { CONFIG, nodeOf } from './samples.ts';

test('--node takes what osctl-probe writes, indented or not, and refuses all else with its exit code', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-node-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'node.json');
  const input = `${JSON.stringify(configOf(CONFIG))}\n`.repeat(2);
  const run = (text: string | null) => {
    if (text === null) rmSync(file);
    else writeFileSync(file, text);
    return runPipe([`vz-to-osctl --report none --node ${file}`], { input });
  };
  for (const text of [
    JSON.stringify(nodeOf({ bridges: [] })),
    JSON.stringify(nodeOf({ bridges: [] }), null, 2),
  ]) {
    const { code, stdout, stderr } = await run(text);
    assert.equal(code, 0, stderr);
    const documents = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      documents.map(({ blockers }) => blockers.map(({ code: one }: { code: string }) => one)),
      [['NO_BRIDGE'], ['NO_BRIDGE']],
    );
    assert.match(stderr, /warning: ct 101: blocker: it does not start with eth0: .*\[NO_BRIDGE\]/);
  }
  for (const [text, exit, said] of [
    ['', 65, /empty; osctl-probe writes it/],
    ['{', 65, /not one JSON document/],
    ['{"kind":"vz-config"}', 65, /kind: expected vpsadminos-node/],
    [JSON.stringify({ ...nodeOf(), schema: 2 }), 65, /schema: 2 is newer/],
    [
      JSON.stringify(nodeOf({ node: 'a\u001b[2Jb' })),
      65,
      /node: expected one line without control characters/,
    ],
    [JSON.stringify(nodeOf({ pools: [] })), 65, /pools/],
    [null, 66, /no such file; osctl-probe root@node > node\.json/],
  ] as const) {
    const { code, stdout, stderr } = await run(text);
    assert.deepEqual([code, stdout], [exit, ''], stderr);
    assert.match(stderr, said);
  }
});

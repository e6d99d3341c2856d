import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { localHost } from '../../../lib/host/local.ts';
import { runChecked } from '../../../lib/host/run.ts';
import { needs } from '../../support/needs.ts';
import { startSshd, usePath } from '../../support/sshd.ts';

const BANNER =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); const __dirname = '/';";

/** Reads 100 MB in two streams, and prints what was said meanwhile. */
const SCRIPT = `
  import { openHost } from ${JSON.stringify(resolve('lib/host/open.ts'))};
  const host = openHost(JSON.parse(process.argv[2]), (line) => console.log(line));
  for (const bytes of [1e6, 5e7, 5e7]) {
    const child = host.spawn(['head', '-c', String(bytes), '/dev/zero']);
    let read = 0;
    for await (const chunk of child.stdout) read += chunk.length;
    console.log((await child.done).code, read, bytes);
  }`;

for (const how of ['as npm has built it', 'without its native addon'] as const) {
  test(`the built-in client ${how}: a stream works, and where the addon is missing it says once that it is slower`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-addon-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const bundle = [
      'node_modules/.bin/esbuild',
      '--bundle',
      '--format=esm',
      '--platform=node',
      '--external:cpu-features',
    ];
    const loader = '--loader:.node=copy';
    const outfile = join(dir, 'script.mjs');
    await runChecked(localHost, [...bundle, loader, `--banner:js=${BANNER}`, `--outfile=${outfile}`], {
      input: SCRIPT,
    });
    const addons = readdirSync(dir).filter((name) => name.endsWith('.node'));
    const isKept = how === 'as npm has built it' && addons.length > 0;
    if (!isKept) for (const name of addons) rmSync(join(dir, name));
    const sshd = await startSshd(t);
    usePath(t, sshd.clientBin);
    const target = JSON.stringify(sshd.target('builtin'));
    const said = await runChecked(localHost, [process.execPath, outfile, target]);
    const warning = isKept ? [] : [/^root@node: the built-in ssh client is slower without its native addon/];
    const lines = said.trimEnd().split('\n');
    assert.equal(lines.length, 3 + warning.length, said);
    for (const pattern of warning) assert.match(lines[1] ?? '', pattern);
    assert.equal(lines.filter((line) => /^0 /.test(line)).length, 3);
  });
}

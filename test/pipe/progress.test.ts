import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { convert, parse } from '../support/exports.ts';
import { needs } from '../support/needs.ts';
import { type OpenVzNode, runPipe, startOpenVzNode, startVpsAdminOsNode } from '../support/nodes.ts';

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-progress-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** A node of 24 MiB whose tar gives 4 MiB, waits, and so on, so that there is something to tell. */
function slowNode(t: TestContext): { node: OpenVzNode; env: NodeJS.ProcessEnv; dir: string } {
  const node = startOpenVzNode(t, { plain: true, sizeMib: 24 });
  const dir = scratch(t);
  const script = `#!/bin/bash
case $* in *--help* | *--version*) exec /bin/tar "$@" ;; esac
set -o pipefail
/bin/tar "$@" | for i in 1 2 3 4 5 6 7 8; do dd bs=4M count=1 iflag=fullblock status=none; sleep 0.5; done
`;
  writeFileSync(join(dir, 'tar'), script, { mode: 0o755 });
  return { node, dir, env: { ...node.env, PATH: `${dir}:${node.env['PATH']}` } };
}

/** Runs a script in a terminal, with `set -o pipefail`, and gives what was shown. */
async function inTerminal(script: string, env: NodeJS.ProcessEnv): Promise<string> {
  const quoted = `bash -o pipefail -c '${script.replaceAll("'", "'\\''")}'`;
  const result = await runPipe(`script -qec ${JSON.stringify(quoted).replaceAll('$', '\\$')} /dev/null`, {
    env,
  });
  assert.equal(result.code, 0, result.stdout);
  return result.stdout;
}

/** The drawn lines: each begins where the last one was cleared. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what clears it
const CLEARED = /\r\x1b\[K|\r?\n/;
const bars = (shown: string): string[] =>
  shown.split(CLEARED).filter((line) => / B\/s|iB\/s/.test(line) && !/ in \d/.test(line));

const rows = (stderr: string) =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('{"type":"progress"'))
    .map((line) => JSON.parse(line));

test('of a pipe on a terminal the last program draws, and no other', async (t) => {
  const { node, env, dir } = slowNode(t);
  const pipe = [parse(node), convert, 'vz-rootfs-tar --no-consistent', `osctl-bundle > '${dir}/a.tar'`];
  const drawn = bars(await inTerminal(pipe.join(' | '), env));
  assert.ok(drawn.length > 1, drawn.join('\n'));
  assert.deepEqual(
    drawn.filter((line) => !/^archived: [\d.]+ (MiB|KiB|B), [\d.]+ (MiB|KiB|B)\/s$/.test(line)),
    [],
  );
});

test('vz-rootfs-tar alone knows the total: percent and time left', async (t) => {
  const { node, env, dir } = slowNode(t);
  const pipe = `${parse(node)} | ${convert} | vz-rootfs-tar --no-consistent --raw > '${dir}/a.tar.gz'`;
  const drawn = bars(await inTerminal(pipe, env));
  assert.match(
    drawn.at(-1) ?? '',
    /^ct 101: [\d.]+ MiB of 2\d(\.\d+)? MiB, \d+ %, [\d.]+ MiB\/s, [\d.]+ s left$/,
  );
});

test('vpsadminos-convert draws once, with the total', async (t) => {
  const { node, env, dir } = slowNode(t);
  const words = `vz6 export --no-consistent --conf-dir '${node.confDir}' 101 '${dir}/a.tar'`;
  const drawn = bars(await inTerminal(`vpsadminos-convert ${words}`, env));
  assert.ok(drawn.length > 1, drawn.join('\n'));
  assert.deepEqual(
    drawn.filter((line) => !/^ct 101: .* of .*, \d+ %, /.test(line)),
    [],
  );
});

test('--progress json, none and -q; nothing is said off a terminal unless asked', async (t) => {
  const { node, env } = slowNode(t);
  const document = (await runPipe([parse(node), convert], { env: node.env })).stdout;
  const run = async (flags: string) => {
    const pipe = `vz-rootfs-tar --no-consistent ${flags} > /dev/null`;
    return (await runPipe(pipe, { env, input: document })).stderr;
  };
  const told = rows(await run('--progress json'));
  assert.ok(told.length >= 2);
  const { bytes, totalBytes, what } = told.at(-1);
  assert.equal(what, 'ct 101');
  assert.ok(totalBytes > 24 * 2 ** 20 && bytes > 20 * 2 ** 20, `${bytes} of ${totalBytes}`);
  assert.deepEqual(rows(await run('--progress none')), []);
  assert.deepEqual(rows(await run('')), []);
  assert.doesNotMatch(await run('--progress json -q'), /progress/);
});

test('a fleet: each program of documents counts containers', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const { env } = node;
  const config = (await runPipe(parse(node), { env })).stdout;
  const container = (await runPipe([parse(node), convert], { env })).stdout;
  for (const [program, input] of [
    ['vz-to-osctl -q --report none', config],
    ['vz-report', container],
  ] as const) {
    const slow = '{ IFS= read -r line; printf "%s\\n" "$line"; sleep 6; cat; }';
    const asked = program.replace(' -q', '');
    const result = await runPipe(`${slow} | ${asked} --progress json > /dev/null`, {
      env,
      input: input + input,
    });
    assert.equal(result.code, 0, result.stderr);
    const told = rows(result.stderr);
    assert.deepEqual([told[0]?.containers, told.at(-1)?.containers, told[0]?.totalContainers], [1, 2, null]);
  }
  const dir = scratch(t);
  writeFileSync(
    join(dir, 'vzctl'),
    `#!/bin/sh\nsleep 5\nexec '${node.env['PATH']?.split(':')[0]}/vzctl' "$@"\n`,
    { mode: 0o755 },
  );
  const slow = { ...env, PATH: `${dir}:${env['PATH']}` };
  const all = `vz-parse-config --conf-dir '${node.confDir}' --all --progress json > /dev/null`;
  const result = await runPipe(all, { env: slow });
  assert.equal(result.code, 0, result.stderr);
  const last = rows(result.stderr).at(-1);
  assert.deepEqual([last?.containers, last?.totalContainers], [1, 1], result.stderr);
});

test('osctl-bundle and osctl-import know the size of a regular file', async (t) => {
  if (!needs(t, 'root', 'ruby', 'sshd', 'ssh')) return;
  const node = startOpenVzNode(t, { plain: true, sizeMib: 4 });
  const target = startVpsAdminOsNode(t);
  const dir = scratch(t);
  const bundle = [parse(node), convert, `vz-rootfs-tar > '${dir}/bundle'`];
  assert.equal((await runPipe(bundle, { env: node.env })).code, 0);
  const slow = `osctl-bundle --progress json < '${dir}/bundle' | { sleep 6; cat; } > '${dir}/a.tar'`;
  const bundled = await runPipe(slow, { env: node.env });
  assert.equal(bundled.code, 0, bundled.stderr);
  const size = (name: string): Promise<number> =>
    runPipe(`stat -c %s '${dir}/${name}'`).then(({ stdout }) => Number(stdout));
  const written = rows(bundled.stderr).at(-1);
  assert.deepEqual([written.bytes, written.totalBytes], [await size('bundle'), await size('bundle')]);
  // Its ssh waits.
  const [client = ''] = target.env['PATH']?.split(':') ?? [];
  writeFileSync(join(dir, 'ssh'), `#!/bin/sh\nsleep 2\nexec '${client}/ssh' "$@"\n`, { mode: 0o755 });
  const env = { ...target.env, PATH: `${dir}:${target.env['PATH']}` };
  const imported = await runPipe(`osctl-import --progress json root@node < '${dir}/a.tar'`, { env });
  assert.equal(imported.code, 0, imported.stderr);
  const sent = rows(imported.stderr).at(-1);
  assert.deepEqual(
    [sent.what, sent.bytes, sent.totalBytes],
    ['to root@node', await size('a.tar'), await size('a.tar')],
  );
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runsAgain } from '../support/exports.ts';
import { type OpenVzNode, type PipeResult, runPipe, startOpenVzNode } from '../support/nodes.ts';
import { type RemoteNode, reachBySsh } from '../support/remote-node/remote-node.ts';

async function setUp(t: TestContext): Promise<{ node: OpenVzNode; remote: RemoteNode } | undefined> {
  const node = startOpenVzNode(t, { plain: true, sizeMib: 4 });
  const remote = await reachBySsh(t, node);
  return remote && { node, remote };
}

function pack(
  { confDir }: OpenVzNode,
  env: NodeJS.ProcessEnv,
  flags: string,
  then = 'cat',
): Promise<PipeResult> {
  return runPipe(
    [
      `vz-parse-config --conf-dir '${confDir}' root@vz6:101`,
      'vz-to-osctl -q --report none',
      `vz-rootfs-tar ${flags}`,
      then,
    ],
    { env },
  );
}

const tarThatExits = (code: number): string =>
  `case "$*" in *' -cf '*) /usr/bin/tar "$@"; echo "tar: as told" >&2; exit ${code} ;; esac\nexec /usr/bin/tar "$@"`;
const KILLED = 'head -c 100000 >/dev/null\nkill -9 $$';

for (const where of ['source', 'here']) {
  test(`--compress-at ${where}: what tar and gzip end with crosses the link`, async (t) => {
    const made = await setUp(t);
    if (!made) return;
    const { node, remote } = made;
    const flags = `--compress-at ${where}`;
    const run = (more = ''): Promise<PipeResult> => pack(node, remote.env, `${flags} ${more}`);
    const failed = async (result: PipeResult, text: RegExp): Promise<void> => {
      assert.equal(result.codes[2], 74, result.stderr);
      assert.match(result.stderr, text);
      assert.ok(!result.bytes.includes('end.json'));
      await runsAgain(node);
    };
    remote.replace('tar', tarThatExits(2));
    await failed(await run(), /tar: as told.*tar exited with 2; see its messages above/s);
    remote.replace('tar', tarThatExits(1));
    await failed(await run(), /files changed while they were read, though the container is stopped/);
    const changed = await run('--no-consistent');
    assert.equal(changed.code, 0, changed.stderr);
    assert.match(changed.stderr, /warning: ct 101: files changed while they were read/);
    assert.ok(changed.bytes.includes('end.json'));
    remote.replace('tar', `case "$*" in *' -cf '*) ${KILLED} ;; esac\nexec /usr/bin/tar "$@"`);
    await failed(await run(), /tar exited with 137/);
  });
}

test('a gzip that is killed, on the node or here, is an error', async (t) => {
  const made = await setUp(t);
  if (!made) return;
  const { node, remote } = made;
  remote.replace('gzip', KILLED);
  // The estimate packs as well.
  const there = await pack(node, remote.env, '--compress-at source');
  assert.equal(there.codes[2], 74, there.stderr);
  assert.match(there.stderr, /tar \| gzip exited with 137/);
  const bin = mkdtempSync(join(tmpdir(), 'vz2osctl-gzip-'));
  t.after(() => rmSync(bin, { recursive: true }));
  for (const name of ['igzip', 'pigz', 'gzip'])
    writeFileSync(join(bin, name), `#!/bin/sh\n${KILLED}\n`, { mode: 0o755 });
  const env = { ...remote.env, PATH: `${bin}:${remote.env['PATH']}` };
  for (const flags of ['', '--no-consistent']) {
    const here = await pack(node, env, `--compress-at here ${flags}`);
    assert.equal(here.codes[2], 74, here.stderr);
    assert.match(here.stderr, /igzip was killed by SIGKILL/);
    assert.ok(!here.bytes.includes('end.json'));
  }
  await runsAgain(node);
});

test('where it is compressed is said, by hand or by what there is, and the tree is the same', async (t) => {
  const made = await setUp(t);
  if (!made) return;
  const { node, remote } = made;
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /ct 101: compressed here with igzip -1: root@vz6 has only gzip\n/],
    ['--compress-at source', /ct 101: compressed on root@vz6 with gzip -1: --compress-at\n/],
    ['--compress-at here --level 9', /ct 101: compressed here with pigz -9: --compress-at\n/],
    ['--compression off', /ct 101: compressed here with gzip level 0: only stored/],
  ];
  const listings: string[] = [];
  for (const [flags, line] of cases) {
    const result = await pack(node, remote.env, `--no-consistent --raw ${flags}`);
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stderr, line);
    listings.push(execFileSync('tar', ['tvz'], { input: result.bytes, encoding: 'utf8' }));
  }
  assert.equal(new Set(listings).size, 1);
});

test('-n prints lines that do it from here, with where it is compressed', async (t) => {
  const made = await setUp(t);
  if (!made) return;
  const { node, remote } = made;
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-paste-'));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const [where, compressor] of [
    ['here', 'igzip -1 -c'],
    ['source', 'gzip -1 -n -c'],
  ]) {
    const before = node.log().length;
    const planned = await pack(node, remote.env, `-n --compress-at ${where}`);
    assert.equal(planned.code, 0, planned.stderr);
    assert.equal(node.log().length, before);
    assert.match(
      planned.stdout,
      /^ssh -n root@vz6 'vzctl stop 101'\n# compressed .*: --compress-at\nssh -n root@vz6 '\{/,
    );
    assert.ok(planned.stdout.includes(`| ${compressor}`), planned.stdout);
    const pasted = await runPipe(`cd ${dir}\n${planned.stdout}`, { env: remote.env });
    assert.equal(pasted.code, 0, pasted.stderr);
    assert.match(execFileSync('tar', ['tzf', join(dir, 'base.tar.gz')]).toString(), /^\.\/etc\/os-release$/m);
    assert.deepEqual(
      node
        .log()
        .slice(before)
        .filter(({ what }) => what.startsWith('begin'))
        .map(({ verb }) => verb),
      ['stop', 'start'],
    );
  }
});

test('what reads beside a running container yields to it; what it waits for does not', async (t) => {
  const made = await setUp(t);
  if (!made) return;
  const { node, remote } = made;
  const seen = join(node.dir, 'seen');
  remote.replace(
    'tar',
    `case "$*" in *' -cf '*) echo "$(nice) $(ionice)" >>'${seen}' ;; esac\nexec /usr/bin/tar "$@"`,
  );
  for (const flags of ['--no-consistent', '']) {
    const result = await pack(node, remote.env, flags);
    assert.equal(result.code, 0, result.stderr);
  }
  const [running, sample, down] = readFileSync(seen, 'utf8').split('\n');
  assert.equal(running, '19 idle');
  assert.match(`${sample}\n${down}`, /^0 (?!idle).*\n0 (?!idle).*$/);
  for (const program of ['renice', 'ionice']) remote.replace(program, 'exit 1');
  const without = await pack(node, remote.env, '--no-consistent');
  assert.equal(without.code, 0, without.stderr);
});

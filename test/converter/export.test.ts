import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { convert, largeNode, parse, RUNNING, runsAgain } from '../support/exports.ts';
import { needs } from '../support/needs.ts';
import { type OpenVzNode, runPipe, startOpenVzNode } from '../support/nodes.ts';
import { startProgram } from '../support/programs.ts';
import { reachBySsh } from '../support/remote-node/remote-node.ts';
import { startZfsNode } from '../support/zfs-pool.ts';

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-converter-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

const members = (archive: string): string[] =>
  execFileSync('tar', ['tf', archive], { encoding: 'utf8' }).trimEnd().split('\n');

const content = (archive: string, member: string): Buffer =>
  execFileSync('tar', ['xOf', archive, member], { maxBuffer: 1e9 });

/** What differs from run to run: the time of the export, and what was measured. */
function settled(archive: string, member: string): unknown {
  const bytes = content(archive, member);
  // gzip's header has the time, and tar's extended ones the number of its process.
  if (member.endsWith('.gz')) {
    const inner = (...args: string[]): Buffer => execFileSync('tar', args, { input: bytes, maxBuffer: 1e9 });
    const data = createHash('sha256').update(inner('-xzOf', '-')).digest('hex');
    return { listing: inner('--full-time', '--numeric-owner', '-tvzf', '-').toString(), data };
  }
  if (member === 'metadata.yml') return { ...JSON.parse(bytes.toString()), exported_at: 0 };
  if (member !== 'container.json') return bytes.toString();
  const document = JSON.parse(bytes.toString());
  return { ...document, source: { ...document.source, facts: null } };
}

/** Runs the converter with words as a shell splits them. */
const run = (node: OpenVzNode, words: string, env: NodeJS.ProcessEnv = node.env) =>
  runPipe(`vpsadminos-convert ${words}`, { env });

test('the archive is that of the pipe, member by member', async (t) => {
  if (!needs(t, 'root', 'rsync', 'setcap')) return;
  const node = startOpenVzNode(t, { sizeMib: 4 });
  // Nothing changes in it then.
  node.vzctl('stop', '101');
  const dir = scratch(t);
  const piped = join(dir, 'piped.tar');
  const netif = "--netif-type routed --hostname 'a.example.com'";
  const pipe = [parse(node), `${convert} ${netif}`, 'vz-rootfs-tar', `osctl-bundle -o '${piped}'`];
  assert.equal((await runPipe(pipe, { env: node.env })).code, 0);
  const converted = join(dir, 'converted.tar');
  const words = `vz6 export --conf-dir '${node.confDir}' ${netif} 101 '${converted}'`;
  const result = await run(node, words);
  assert.equal(result.code, 0, result.stderr);
  assert.equal(result.stdout, '');
  assert.deepEqual(members(converted), members(piped));
  for (const member of members(piped))
    assert.deepEqual(settled(converted, member), settled(piped, member), member);
  assert.equal(statSync(converted).mode & 0o777, 0o600);
  assert.match(
    result.stderr,
    /^Parsing config\n[\s\S]*^Exporting rootfs\n[\s\S]*^Export done\n\nConsumed config items:\n/m,
  );
  assert.match(result.stderr, /^ {2}NAME += web1[\s\S]*^Ignored config items:\n {2}\w+/m);
});

test('a running container is stopped for it, and runs again; --no-consistent leaves it alone', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const from = node.log().length;
  const archive = join(scratch(t), 'a.tar');
  const words = `vz6 export --conf-dir '${node.confDir}' 101 '${archive}'`;
  assert.equal((await run(node, `${words} --no-consistent`)).code, 0);
  assert.equal(node.log().length, from);
  assert.equal((await run(node, words)).code, 0);
  const verbs = node
    .log()
    .slice(from)
    .map(({ verb }) => verb);
  assert.deepEqual(verbs, ['stop', 'stop', 'start', 'start']);
  assert.equal(node.status(), RUNNING);
});

test('options stand anywhere, short and long, and those of the other programs are there as well', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const dir = scratch(t);
  const forms = [
    `--conf-dir='${node.confDir}' -c gzip vz6 export --netif-name net0 101 '${dir}/a.tar' --bridge-link br0`,
    `vz6 --netif-name=net0 -c gzip export 101 --bridge-link br0 '${dir}/a.tar' --conf-dir '${node.confDir}'`,
    `vz6 export 101 '${dir}/a.tar' --netif-name net0 --bridge-link br0 --compression off --exclude '*' --conf-dir '${node.confDir}'`,
  ];
  for (const form of forms) {
    const result = await run(node, `${form} --log-file '${dir}/log' -q`);
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.stderr, '');
    const [netif] = JSON.parse(content(`${dir}/a.tar`, 'config/container.yml').toString()).net_interfaces;
    assert.deepEqual([netif.name, netif.link], ['net0', 'br0']);
  }
  assert.match(readFileSync(`${dir}/log`, 'utf8'), /Exporting rootfs[\s\S]*Ignored config items/);
});

test('FILE is -: the archive goes to stdout, in segments', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const words = `vz6 export 101 - --segment-size 1K --conf-dir '${node.confDir}' | tar tf -`;
  const result = await run(node, words);
  assert.deepEqual(result.codes, [0, 0], result.stderr);
  const names = result.stdout.trimEnd().split('\n');
  assert.ok(names.filter((name) => name === 'rootfs/base.tar.gz').length > 1, result.stdout);
  assert.equal(names.at(-1), 'metadata.yml');
});

test('a container on another node', async (t) => {
  if (!needs(t, 'sshd', 'ssh')) return;
  const node = startOpenVzNode(t, { plain: true });
  const remote = await reachBySsh(t, node);
  if (!remote) return;
  const archive = join(scratch(t), 'a.tar');
  const words = `vz6 export root@vz6:101 '${archive}' --conf-dir '${node.confDir}'`;
  const result = await run(node, words, remote.env);
  assert.equal(result.code, 0, result.stderr);
  assert.equal(JSON.parse(content(archive, 'container.json').toString()).source.host.name, 'vz6');
  assert.equal(node.status(), RUNNING);
});

test('--zfs sends the dataset; without it, its files are exported', async (t) => {
  const made = startZfsNode(t, { plain: true });
  if (!made) return;
  const { node, pool } = made;
  const archive = join(scratch(t), 'a.tar');
  const words = `vz6 export --conf-dir '${node.confDir}' 101 '${archive}'`;
  const sent = await run(node, `${words} --zfs`);
  assert.equal(sent.code, 0, sent.stderr);
  assert.ok(members(archive).includes('rootfs/incremental.dat.gz'), members(archive).join());
  const refused = await run(node, `${words} --zfs --exclude '*'`);
  assert.equal(refused.code, 64);
  assert.match(refused.stderr, /--exclude: not when a dataset is sent/);
  const files = await run(node, words);
  assert.equal(files.code, 0, files.stderr);
  assert.ok(members(archive).includes('rootfs/base.tar.gz'));
  assert.deepEqual(pool.snapshots(), []);
  const other = await run(node, `${words} --vpsadmin`);
  assert.equal(other.code, 78);
  assert.match(other.stderr, /--zfs-dataset: its private area lies in \S+, not in vz\/private\/101/);
});

const ERRORS: readonly [string, number, RegExp][] = [
  ['', 64, /expected vz6 export, .*, man/],
  ['vz6 exprt 101 f', 64, /did you mean vz6 export\?/],
  ['vz6 export 101', 64, /expected vz6 export container file/],
  ['vz6 export 101 f g', 64, /expected vz6 export container file/],
  ['vz6 export - f', 64, /expected a container/],
  ['vz6 export 101 f -p 22', 64, /--port: not with vz6 export/],
  ['vz6 export 101 f --hooks d', 64, /--hooks: not with vz6 export/],
  ['vz6 export 101 f -c bzip2', 64, /--compression: expected auto, off, gzip/],
  ['vz6 export 101 f --output g', 64, /unknown flag --output/],
  ['vz6 migrate syn 101', 64, /did you mean vz6 migrate sync\?/],
  ['vz6 migrate sync 101 --netif-name eth1', 64, /--netif-name: not with vz6 migrate sync/],
  ['vz6 migrate sync 101 --max-downtime 5m', 64, /--max-downtime: not with sync/],
  ['vz6 migrate stage 101', 64, /expected vz6 migrate stage container host/],
  ['vz6 migrate stage 101 node -p 0', 64, /--port: expected a whole number from 1 to 65535/],
  ['vz6 migrate now 101 node', 64, /say --yes/],
  ['vz6 migrate sync 101', 66, /no migration of it/],
  ['vz6 export 999 f', 66, /no config .*999\.conf/],
  ['vz6 export 101 /nonexistent/f', 73, /cannot be created/],
  ['man 1', 64, /expected man/],
];

test('errors: one line, the exit code, and nothing stopped', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const from = node.log().length;
  const [dir, stateDir] = [scratch(t), scratch(t)];
  for (const [words, code, says] of ERRORS) {
    const flags = /export|stage|now/.test(words) ? `--conf-dir '${node.confDir}'` : '';
    const state = /migrate/.test(words) ? `--state-dir '${stateDir}'` : '';
    const result = await runPipe(`vpsadminos-convert ${words} ${flags} ${state}`, {
      env: node.env,
      cwd: dir,
    });
    assert.equal(result.code, code, `${words}: ${result.stderr}`);
    assert.match(result.stderr, says, words);
  }
  assert.equal(node.log().length, from);
  assert.deepEqual(readdirSync(dir), []);
});

test('stdout without a reader: 141, nothing said of it, and the container runs again', async (t) => {
  const { node } = await largeNode(t);
  const words = `vz6 export 101 - --conf-dir '${node.confDir}' -c off | head -c 100000 >'${scratch(t)}/part'`;
  const result = await run(node, words);
  assert.deepEqual(result.codes, [141, 0], result.stderr);
  assert.doesNotMatch(result.stderr, /EPIPE|went away|Export done/);
  await runsAgain(node);
});

test('a full disk: 74, and the container runs again', async (t) => {
  const { node } = await largeNode(t);
  const result = await run(node, `vz6 export 101 - --conf-dir '${node.confDir}' >/dev/full`);
  assert.equal(result.code, 74, result.stderr);
  assert.match(result.stderr, /no space left/);
  await runsAgain(node);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGKILL', 137],
] as const) {
  test(`${signal} while the container is down: no archive, and it runs again`, async (t) => {
    const { node } = await largeNode(t);
    const words = ['vz6', 'export', '101', '-', '--conf-dir', node.confDir, '-c', 'off'];
    const program = startProgram('vpsadminos-convert', words, node.env, '');
    await program.saysMatching(/: stopping/);
    program.child.stdout.once('readable', () => program.child.stdout.read(1000));
    while (node.status() === RUNNING) await new Promise((wake) => setTimeout(wake, 20));
    program.child.kill(signal);
    assert.equal(await program.exit, code, program.said());
    assert.doesNotMatch(program.said(), /Export done/);
    await runsAgain(node);
  });
}

test('SIGINT with a FILE: what was written of it is gone', async (t) => {
  const { node } = await largeNode(t);
  const dir = scratch(t);
  writeFileSync(join(node.stateDir, '101.stop-seconds'), '2');
  const words = ['vz6', 'export', '101', join(dir, 'a.tar'), '--conf-dir', node.confDir];
  const program = startProgram('vpsadminos-convert', words, node.env, '');
  await program.saysMatching(/: stopping/);
  program.child.kill('SIGINT');
  assert.equal(await program.exit, 130, program.said());
  assert.ok(!existsSync(join(dir, 'a.tar')));
  assert.deepEqual(readdirSync(dir), []);
  await runsAgain(node);
});

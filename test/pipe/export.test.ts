import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { needs } from '../support/needs.ts';
import { type OpenVzNode, runPipe, startOpenVzNode, startVpsAdminOsNode } from '../support/nodes.ts';
import { processesNaming } from '../support/programs.ts';
import { treeDifferences } from '../support/trees.ts';

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-export-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

const parse = (node: OpenVzNode): string => `vz-parse-config --conf-dir '${node.confDir}' 101`;
const convert = 'vz-to-osctl -q --report none --netif-type routed';
const tar = (archive: string, ...args: string[]): Buffer =>
  execFileSync('tar', [...args, archive], { maxBuffer: 1e9 });
const members = (archive: string): string[] => tar(archive, 'tf').toString().trimEnd().split('\n');
/** The verbs that vzctl was given by us, in order. */
const verbs = (node: OpenVzNode, from = 0): string[] =>
  node
    .log()
    .slice(from)
    .filter(({ what }) => what.startsWith('begin'))
    .map(({ verb }) => verb);

/** Never packed: sockets and what is in /dev. The private directory's own mode is OpenVZ's. */
const NOT_PACKED = ['/dev/*', '/srv/hostile/socket'];

for (const [how, output] of [
  ['a file', (archive: string) => `osctl-bundle > '${archive}'`],
  ['a pipe', (archive: string) => `osctl-bundle | cat > '${archive}'`],
  ['-o', (archive: string) => `osctl-bundle -o '${archive}'`],
] as const) {
  test(`an archive written to ${how} imports, and the tree equals the source`, async (t) => {
    if (!needs(t, 'root', 'ruby', 'sshd', 'rsync', 'setcap')) return;
    const node = startOpenVzNode(t, { sizeMib: 24 });
    const target = startVpsAdminOsNode(t);
    const archive = join(scratch(t), 'ct-101.tar');
    const before = node.log().length;
    const result = await runPipe([parse(node), convert, 'vz-rootfs-tar', output(archive)], { env: node.env });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(verbs(node, before), ['stop', 'start']);
    assert.equal(node.status(), 'CTID 101 exist mounted running');
    const names = members(archive);
    assert.equal(names[0], 'container.json');
    assert.equal(names.at(-1), 'metadata.yml');
    const segments = names.filter((name) => name === 'rootfs/base.tar.gz').length;
    assert.ok(how === 'a pipe' ? segments > 1 : segments === 1, `${segments} segments`);
    if (how === '-o') assert.equal(statSync(archive).mode & 0o777, 0o600);

    const imported = target.osctl(['ct', 'import', archive]);
    assert.equal(imported.code, 0, imported.stderr + target.daemonLog());
    const copy = join(target.dir, 'tank/ct/101/private');
    assert.deepEqual(treeDifferences(node.privatePath, copy, NOT_PACKED), []);
    assert.deepEqual(readdirSync(join(copy, 'dev')), []);
    assert.match(target.osctl(['-j', 'ct', 'show', '101']).stdout, /"state": ?"stopped"/);
  });
}

test('the archive keeps the config and the action scripts of the source, byte for byte', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const archive = join(scratch(t), 'a.tar');
  await runPipe([parse(node), convert, 'vz-rootfs-tar', `osctl-bundle > ${archive}`], { env: node.env });
  for (const [name, path] of [
    ['vz2osctl/101.conf', join(node.confDir, '101.conf')],
    ['vz2osctl/101.mount', join(node.confDir, '101.mount')],
    ['vz2osctl/vz.conf', join(node.confDir, '../vz.conf')],
  ] as const) {
    assert.deepEqual(execFileSync('tar', ['-xOf', archive, name]), readFileSync(path), name);
  }
});

test('a consistent export of a writing container is consistent', async (t) => {
  const node = startOpenVzNode(t, { plain: true, writer: true, sizeMib: 16 });
  const archive = join(scratch(t), 'a.tar');
  const result = await runPipe([parse(node), convert, 'vz-rootfs-tar', `osctl-bundle > ${archive}`], {
    env: node.env,
  });
  assert.equal(result.code, 0, result.stderr);
  const lastLines = ['first', 'second'].map((name) =>
    execFileSync('bash', [
      '-c',
      `tar -xOf ${archive} rootfs/base.tar.gz | tar -xzO ./var/lib/writer/${name} | tail -n 1`,
    ]).toString(),
  );
  assert.match(lastLines[0] ?? '', /\S/);
  assert.equal(lastLines[0], lastLines[1]);
});

test('--no-consistent leaves the container alone', async (t) => {
  const node = startOpenVzNode(t, { plain: true, writer: true });
  const before = node.log().length;
  const archive = join(scratch(t), 'a.tar');
  const result = await runPipe(
    [parse(node), convert, 'vz-rootfs-tar --no-consistent', `osctl-bundle > ${archive}`],
    {
      env: node.env,
    },
  );
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(verbs(node, before), []);
  assert.equal((await runPipe([`osctl-bundle --verify ${archive}`])).code, 0);
});

test('a container that is down stays down, and is locked meanwhile', async (t) => {
  const node = startOpenVzNode(t, { plain: true, sizeMib: 40 });
  node.vzctl('stop', '101');
  const before = node.log().length;
  const archive = join(scratch(t), 'a.tar');
  const slow = `{ head -c 100000; vzctl start 101 >&2; echo "start=$?" >&2; cat; } | osctl-bundle > ${archive}`;
  const result = await runPipe([parse(node), convert, 'vz-rootfs-tar --compression off', slow], {
    env: node.env,
  });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, /start=9/, 'vzctl finds it locked');
  assert.ok(!verbs(node, before).includes('stop'));
  assert.match(node.status(), /down$/);
  assert.deepEqual(readdirSync(join(node.dir, 'lock')), []);
});

test('--raw is a bare .tar.gz, and --container with --payload makes the same archive of it', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const dir = scratch(t);
  const script = `
    ${parse(node)} | ${convert} > ${dir}/101.json
    vz-rootfs-tar --raw < ${dir}/101.json > ${dir}/101.tar.gz
    osctl-bundle --container ${dir}/101.json --payload rootfs/base.tar.gz=${dir}/101.tar.gz -o ${dir}/a.tar`;
  const result = await runPipe(script, { env: node.env });
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(
    execFileSync('tar', ['-xOf', `${dir}/a.tar`, 'rootfs/base.tar.gz']),
    readFileSync(`${dir}/101.tar.gz`),
  );
  assert.match(execFileSync('tar', ['tzf', `${dir}/101.tar.gz`]).toString(), /^\.\/etc\/os-release$/m);
  assert.equal((await runPipe([`osctl-bundle --verify ${dir}/a.tar`])).code, 0);
});

test('--compression off is gzip at level 0; --level and --exclude are heeded', async (t) => {
  const node = startOpenVzNode(t, { plain: true, sizeMib: 4 });
  const payload = async (...flags: string[]): Promise<Buffer> => {
    const result = await runPipe(
      [parse(node), convert, `vz-rootfs-tar --no-consistent --raw ${flags.join(' ')}`],
      { env: node.env },
    );
    assert.equal(result.code, 0, result.stderr);
    return result.bytes;
  };
  const [stored, fast, small] = [
    await payload('--compression', 'off'),
    await payload(),
    await payload('--level', '9'),
  ];
  assert.ok(
    stored.length > fast.length && fast.length > small.length,
    `${stored.length} ${fast.length} ${small.length}`,
  );
  assert.equal(stored.readUInt16BE(0), 0x1f8b);
  const listing = execFileSync('tar', ['tz'], {
    input: await payload('--exclude', "'/srv/*'", '--exclude', 'etc/os-release'),
  }).toString();
  assert.doesNotMatch(listing, /srv\/.|etc\/os-release$/m);
});

test('without any gzip program zlib does it', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const bare = join(scratch(t), 'bin');
  const script = `mkdir ${bare}; ln -s /usr/bin/* /usr/sbin/* "$(command -v node)" ${bare}/ 2>/dev/null
    rm -f ${bare}/igzip ${bare}/pigz ${bare}/gzip
    PATH="$(dirname "$(command -v vzctl)"):$(dirname "$(command -v vz-rootfs-tar)"):${bare}"
    ${parse(node)} | ${convert} | vz-rootfs-tar -v --no-consistent --raw`;
  const result = await runPipe(script, { env: node.env });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, /zlib level 1 in this process/);
  execFileSync('tar', ['tz'], { input: result.bytes });
});

test('-n stops nothing and prints lines to paste', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const before = node.log().length;
  const result = await runPipe([parse(node), convert, 'vz-rootfs-tar -n'], { env: node.env });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stdout, /^vzctl stop 101\n.*tar .*> base.tar.gz\nvzctl start 101\n$/s);
  assert.match(result.stderr, /will be stopped for about/);
  assert.deepEqual(verbs(node, before), []);
});

test('two exports of one container exclude each other', async (t) => {
  const node = startOpenVzNode(t, { plain: true, sizeMib: 40 });
  const script = `
    ${parse(node)} | ${convert} > ${node.dir}/101.json
    vz-rootfs-tar --compression off < ${node.dir}/101.json | { head -c 100000 >/dev/null
      vz-rootfs-tar < ${node.dir}/101.json >/dev/null; echo "second=$?" >&2; cat >/dev/null; }`;
  const result = await runPipe(script, { env: node.env });
  assert.match(result.stderr, /second=75/);
  assert.match(result.stderr, /locked by process \d+/);
  assert.equal(result.code, 0, result.stderr);
  assert.equal(node.status(), 'CTID 101 exist mounted running');
});

test('an export leaves no process and no file behind', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const result = await runPipe([parse(node), convert, 'vz-rootfs-tar', 'osctl-bundle', 'md5sum'], {
    env: node.env,
  });
  assert.match(result.stdout, /^[0-9a-f]{32}/);
  assert.notEqual(result.stdout.slice(0, 32), createHash('md5').digest('hex'));
  assert.deepEqual(readdirSync(join(node.dir, 'lock')), []);
  assert.deepEqual(processesNaming(join(node.dir, 'lock')), []);
});

test('what a killed run left beside -o FILE is removed by the next', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const dir = scratch(t);
  writeFileSync(join(dir, '.a.tar.2147483646.part'), 'dead');
  writeFileSync(join(dir, `.a.tar.${process.pid}.part`), 'of a living run');
  const result = await runPipe([parse(node), convert, 'vz-rootfs-tar', `osctl-bundle -o ${dir}/a.tar`], {
    env: node.env,
  });
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(readdirSync(dir).sort(), [`.a.tar.${process.pid}.part`, 'a.tar']);
});

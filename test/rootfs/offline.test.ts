import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { peakMemory } from '../bench/measure.ts';
import { needs } from '../support/needs.ts';
import { startVpsAdminOsNode } from '../support/nodes.ts';
import { CONFIG, makeDeadDisks, makeVzdump, manifest } from '../support/offline.ts';
import { type PipeResult, runPipe } from '../support/run-pipe.ts';
import { treeDifferences } from '../support/trees.ts';

const CONVERT = 'vz-to-osctl -q --report none';

/** Unpacks the payload of an archive as osctld does. */
function unpack(t: TestContext, archive: Buffer): string {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-unpacked-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'ct.tar');
  writeFileSync(file, archive);
  mkdirSync(join(dir, 'root'));
  const script =
    'tar -xOf "$1" rootfs/base.tar.gz | tar --xattrs-include=security.capability --xattrs -xz -C "$2"';
  execFileSync('sh', ['-c', script, 'sh', file, join(dir, 'root')]);
  const report = execFileSync('dist/bin/osctl-bundle', ['--verify', file], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(report).errors, []);
  return join(dir, 'root');
}

const pipe = (operand: string, flags = ''): Promise<PipeResult> =>
  runPipe([`vz-parse-config '${operand}'`, CONVERT, `vz-rootfs-tar ${flags}`, 'osctl-bundle']);

describe('a container of a dead node', () => {
  it('becomes a whole archive, and its disks stay as they were', async (t) => {
    if (!needs(t, 'rsync', 'root')) return;
    const { prefix, tree } = makeDeadDisks(t);
    const before = manifest(prefix);
    const result = await pipe(`dir:${prefix}:101`);
    assert.deepEqual(result.codes, [0, 0, 0, 0], result.stderr);
    assert.equal(manifest(prefix), before);
    const copy = unpack(t, result.bytes);
    assert.deepEqual(treeDifferences(tree, copy, ['/dev/*']), []);
    assert.deepEqual(readdirSync(join(copy, 'dev')), []);
  });

  it('is not packed once its directory has become a link out of the prefix', async (t) => {
    const { dir, prefix, tree } = makeDeadDisks(t);
    const document = await runPipe([`vz-parse-config dir:${prefix}:101`, CONVERT]);
    rmSync(tree, { recursive: true });
    mkdirSync(join(dir, 'own/etc'), { recursive: true });
    symlinkSync(join(dir, 'own'), tree);
    const packed = await runPipe(['vz-rootfs-tar --raw'], { input: document.stdout });
    assert.deepEqual([packed.code, packed.bytes.length], [78, 0]);
    assert.match(packed.stderr, /leads out of/);
  });

  it('is imported, and no step of a migration takes it', async (t) => {
    if (!needs(t, 'root', 'ruby', 'sshd', 'ssh')) return;
    const { prefix } = makeDeadDisks(t);
    const node = startVpsAdminOsNode(t);
    const result = await runPipe(
      [
        `vz-parse-config dir:${prefix}:101`,
        CONVERT,
        'vz-rootfs-tar',
        'osctl-bundle',
        'osctl-import --direct root@node',
      ],
      { env: node.env },
    );
    assert.equal(result.code, 0, result.stderr);
    assert.equal(readFileSync(join(node.dir, 'tank/ct/101/private/etc/debian_version'), 'utf8'), '7.11\n');
    const document = (await runPipe([`vz-parse-config dir:${prefix}:101`, CONVERT])).stdout;
    const input = { input: document, env: node.env };
    const staged = await runPipe(
      [`vz-migrate-step stage --to root@node --state-dir ${node.dir}/state`],
      input,
    );
    assert.deepEqual([staged.code, /no node runs it/.test(staged.stderr)], [78, true]);
    assert.equal((await runPipe(['vz-zfs-stream --no-consistent | cat'], input)).codes[0], 78);
  });
});

describe('an archive of vzdump', () => {
  const packings = { tar: 'cat', 'tar.gz': 'gzip -1', 'tar.lzo': 'lzop' };

  for (const [suffix, packer] of Object.entries(packings)) {
    it(`becomes a whole archive, and stays as it was: ${suffix}`, async (t) => {
      if (!needs(t, 'rsync', 'root', 'lzop')) return;
      const { tree } = makeDeadDisks(t);
      const plain = makeVzdump(t, tree);
      const file = plain.replace(/tar$/, suffix);
      if (file !== plain) execFileSync('sh', ['-c', `${packer} <"$1" >"$2"`, 'sh', plain, file]);
      const before = manifest(join(plain, '..'));
      const result = await pipe(`vzdump:${file}`);
      assert.deepEqual(result.codes, [0, 0, 0, 0], result.stderr);
      assert.equal(manifest(join(plain, '..')), before);
      const copy = unpack(t, result.bytes);
      assert.deepEqual(treeDifferences(tree, copy, ['/dev/*']), []);
      assert.deepEqual(readdirSync(join(copy, 'dev')), []);
      const { facts, files } = JSON.parse(
        execFileSync('tar', ['-xO', 'container.json'], { input: result.bytes, encoding: 'utf8' }),
      ).source;
      assert.deepEqual(
        files.map(({ path }: { path: string }) => path),
        ['/etc/vzdump/vps.conf', '/etc/vzdump/101.mount'],
      );
      assert.deepEqual([facts.guest.init, facts.guest.glibc, facts.guest.elfClass], ['sysvinit', '2.13', 64]);
      assert.equal(facts.deep.deviceNodes.count, '0');
    });

    it(`that is cut off is never taken for whole: ${suffix}`, async (t) => {
      if (!needs(t, 'lzop')) return;
      const { tree } = makeDeadDisks(t);
      const plain = makeVzdump(t, tree);
      const file = plain.replace(/tar$/, suffix);
      if (file !== plain) execFileSync('sh', ['-c', `${packer} <"$1" >"$2"`, 'sh', plain, file]);
      const document = (await runPipe([`vz-parse-config vzdump:${file}`, CONVERT])).stdout;
      const whole = readFileSync(file).length;
      // Of a plain one the end are blocks of zeros, more than are needed.
      const most = suffix === 'tar' ? Math.floor(whole * 0.8) : whole - 3;
      for (const bytes of [most, Math.floor(whole / 2), 100, 0]) {
        truncateSync(file, bytes);
        const parsed = await runPipe([`vz-parse-config vzdump:${file}`]);
        assert.equal(parsed.code, 65, `${bytes}: ${parsed.stderr}`);
        assert.match(parsed.stderr, /copy is not whole|no header of a tar/);
        const packed = await runPipe(['vz-rootfs-tar', 'osctl-bundle'], { input: document });
        assert.deepEqual(packed.codes, [65, 65], `${bytes}: ${packed.stderr}`);
      }
    });
  }

  it('has only what is the container', async (t) => {
    const { tree } = makeDeadDisks(t);
    execFileSync('ln', [join(tree, 'dev/zero-but-no-device'), join(tree, 'srv/linked')]);
    const file = makeVzdump(t, tree);
    const { bytes, stderr, code } = await runPipe([
      `vz-parse-config vzdump:${file}`,
      CONVERT,
      `vz-rootfs-tar --raw --exclude 'srv/d*'`,
      'gzip -dc',
    ]);
    assert.equal(code, 0, stderr);
    const list = execFileSync('tar', ['-tvf', '-'], { input: bytes, encoding: 'utf8' });
    assert.ok(
      list
        .split('\n')
        .filter(Boolean)
        .every((line) => /^\S+ \d+\/\d+ /.test(line)),
      'no name of an owner',
    );
    assert.doesNotMatch(list, /etc\/vzdump|dev\/zero|srv\/d|srv\/hard/);
    assert.match(list, /\.\/etc\/inittab$/m);
  });

  it('is told apart from another one, and from what is none', async (t) => {
    const { dir, tree } = makeDeadDisks(t);
    const file = makeVzdump(t, tree);
    const document = (await runPipe([`vz-parse-config vzdump:${file}`, CONVERT])).stdout;
    const other = makeVzdump(t, tree, { config: `${CONFIG}CPUS=1\n` });
    execFileSync('cp', [other, file]);
    const packed = await runPipe(['vz-rootfs-tar', 'osctl-bundle'], { input: document });
    assert.deepEqual(packed.codes, [65, 65]);
    assert.match(packed.stderr, /is not the archive that its document was made of/);
    const bare = join(dir, 'vzdump-5.tar');
    execFileSync('tar', ['-C', tree, '-cf', bare, '.']);
    const noise = join(dir, 'vzdump-6.tar');
    writeFileSync(noise, 'no tar'.repeat(1000));
    for (const [words, code, said] of [
      [`vzdump:${bare}`, 65, /there is no \.\/etc\/vzdump\/vps\.conf in it/],
      [`vzdump:${noise}`, 65, /no header of a tar archive/],
      [`vzdump:${dir}/none-7.tar`, 64, /says no id/],
      [`vzdump:${dir}/vzdump-7.tar`, 66, /no such file/],
      [`vzdump:${dir}`, 64, /says no id/],
      [`--ctid 7 vzdump:${dir}`, 74, /no regular file/],
      ['vzdump:', 64, /expected a file/],
    ] as const) {
      const result = await runPipe([`vz-parse-config ${words}`]);
      assert.equal(result.code, code, `${words}: ${result.stderr}`);
      assert.match(result.stderr, said);
    }
  });

  it('without lzop says what is missing', async (t) => {
    if (!needs(t, 'lzop')) return;
    const { dir, tree } = makeDeadDisks(t);
    const plain = makeVzdump(t, tree);
    execFileSync('lzop', ['-q', '-o', `${plain}.lzo`, plain]);
    const bin = join(dir, 'bin');
    mkdirSync(bin);
    for (const directory of ['/usr/bin', '/bin']) {
      execFileSync('sh', ['-c', `ln -s ${directory}/* ${bin}/ 2>/dev/null || :`]);
    }
    rmSync(join(bin, 'lzop'));
    rmSync(join(bin, 'node'), { force: true });
    symlinkSync(process.execPath, join(bin, 'node'));
    const result = await runPipe([`vz-parse-config vzdump:${plain}.lzo`], { env: { PATH: bin } });
    assert.equal(result.code, 69, result.stderr);
    assert.match(result.stderr, /no program lzop; install it/);
  });

  it('flows: memory does not grow with it, and nothing is unpacked to a disk', async (t) => {
    const { dir, tree } = makeDeadDisks(t);
    truncateSync(join(tree, 'srv/data'), 0);
    const plain = makeVzdump(t, tree);
    // 600 MiB of zeros that are stored, and a member that is appended by hand.
    const large = join(dir, 'large');
    writeFileSync(large, '');
    truncateSync(large, 600 * 1024 ** 2);
    execFileSync('tar', ['-C', dir, '--format=gnu', '-rf', plain, './large']);
    appendFileSync(plain, Buffer.alloc(1024));
    execFileSync('gzip', ['-1', plain]);
    const env = { ...process.env, PATH: `${process.cwd()}/dist/bin:${process.env['PATH']}`, TMPDIR: dir };
    const peaks = await peakMemory(
      `vz-parse-config -q vzdump:${plain}.gz | ${CONVERT} | vz-rootfs-tar -q | osctl-bundle | wc -c > ${dir}/bytes`,
      env,
    );
    for (const [name, peak] of peaks) assert.ok(peak < 200, `${name} took ${peak} MiB`);
    assert.ok(peaks.has('vz-rootfs-tar') && peaks.has('vz-parse-config'));
    assert.ok(Number(readFileSync(join(dir, 'bytes'), 'utf8')) > 100_000);
  });
});

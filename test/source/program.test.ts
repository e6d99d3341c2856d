import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
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
import type { VzConfig, VzErrorDocument } from '../../lib/documents/documents.ts';
import { usedItems } from '../../lib/documents/effective.ts';
import { validateDocument } from '../../lib/documents/validate.ts';
import { needs } from '../support/needs.ts';
import type { PipeResult } from '../support/nodes.ts';
import { runPipe, startOpenVzNode, startVpsAdminOsNode } from '../support/nodes.ts';

const CORPUS = 'test/fixtures/openvz-conf';

/** A node's config directory with vz.conf, names and containers 101 and 2. */
function makeConfDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-conf-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'conf'));
  mkdirSync(join(dir, 'names'));
  copyFileSync(join(CORPUS, 'kolyshkin_vzctl_vz.conf'), join(dir, 'vz.conf'));
  copyFileSync(join(CORPUS, 'linode_docs_101.conf'), join(dir, 'conf/101.conf'));
  copyFileSync(join(CORPUS, 'kolyshkin_vzctl_ve-basic.conf'), join(dir, 'conf/2.conf'));
  symlinkSync('/anywhere/101.conf', join(dir, 'names/my web'));
  return dir;
}

const lines = ({ stdout }: PipeResult): object[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const configs = (result: PipeResult): VzConfig[] =>
  lines(result).map((line) => validateDocument(line, 'vz-config', 'test'));
const failures = (result: PipeResult): VzErrorDocument[] =>
  lines(result)
    .filter((line) => 'kind' in line && line.kind === 'vz-error')
    .map((line) => validateDocument(line, 'vz-error', 'test'));
const run = (command: string, input?: string | Buffer): Promise<PipeResult> =>
  runPipe([command], input === undefined ? {} : { input });

describe('vz-parse-config', () => {
  it('reads ids, names and files', async (t) => {
    const dir = makeConfDir(t);
    const result = await run(
      `vz-parse-config --conf-dir ${dir}/conf --facts none 101 'my web' ${dir}/conf/2.conf`,
    );
    assert.equal(result.code, 0, result.stderr);
    const [first, second, third] = configs(result);
    assert.deepEqual([first?.ctid, second?.ctid, third?.ctid], ['101', '101', '2']);
    assert.deepEqual(first, second);
    assert.equal(first?.source.path, join(dir, 'conf/101.conf'));
    assert.deepEqual(
      first?.source.files.map(({ role }) => role),
      ['container', 'global'],
    );
    assert.ok(first && usedItems(first, 'NAMESERVER').length === 1);
  });

  it('lists all containers and nothing else', async (t) => {
    const dir = makeConfDir(t);
    const others = ['0.conf', '101.conf.destroyed', '101.conf-sample', '102.mount', '0103.conf', 've-x.conf'];
    for (const name of [...others, '2147483645.conf', '10.conf']) writeFileSync(join(dir, 'conf', name), '');
    const result = await run(`vz-parse-config --conf-dir ${dir}/conf --facts none --all`);
    assert.deepEqual(
      configs(result).map(({ ctid }) => ctid),
      ['2', '10', '101'],
    );
  });

  it('reads stdin, and then no vz.conf unless asked', async (t) => {
    const dir = makeConfDir(t);
    const alone = configs(await run('vz-parse-config --ctid 7', 'HOSTNAME="a"\n'))[0];
    assert.deepEqual([alone?.ctid, alone?.source.path, alone?.facts], ['7', null, null]);
    assert.deepEqual(
      alone?.items.map(({ key }) => key),
      ['HOSTNAME'],
    );
    const behind = configs(await run(`vz-parse-config --ctid 7 --conf-dir ${dir}/conf -`, ''))[0];
    assert.deepEqual(behind && usedItems(behind, 'VE_ROOT')[0]?.value, { type: 'text', text: '/vz/root/7' });
  });

  it('does not read stdin when a container is named', async (t) => {
    const dir = makeConfDir(t);
    const script = `printf 'left\\n' | { vz-parse-config --facts none --conf-dir ${dir}/conf 101 >/dev/null; cat; }`;
    assert.equal((await run(script)).stdout, 'left\n');
  });

  it('looks at a node', async (t) => {
    const node = startOpenVzNode(t, { plain: true });
    const command = `vz-parse-config --conf-dir ${node.confDir} --facts deep 101`;
    const result = await runPipe([command], { env: node.env });
    assert.equal(result.code, 0, result.stderr);
    const { facts } = configs(result)[0] ?? {};
    assert.deepEqual(facts?.status, { exists: true, mounted: true, running: true, suspended: false });
    assert.deepEqual([facts?.layout, facts?.nameLink, facts?.privatePath], ['simfs', true, node.privatePath]);
    assert.equal(facts?.node.lockDir, join(node.dir, 'lock'));
    assert.ok(Number(facts?.deep?.files) > 10);
    assert.equal(node.log().length, 0, 'nothing was changed on the node');
  });

  it('walks a tree once for all that --facts deep tells, and not at all for fast', async (t) => {
    const node = startOpenVzNode(t, { plain: true });
    const bin = join(node.dir, 'logging');
    const log = join(node.dir, 'find.log');
    mkdirSync(bin);
    writeFileSync(log, '');
    const find = `#!/bin/sh\necho "$*" | tr '\\n' ' ' >>'${log}'\necho >>'${log}'\nexec /usr/bin/find "$@"\n`;
    writeFileSync(join(bin, 'find'), find, { mode: 0o755 });
    // They would walk as well.
    for (const other of ['tar', 'rsync']) {
      writeFileSync(
        join(bin, other),
        `#!/bin/sh\ncase $* in *--version | *--help) ;; *) echo ${other} >>'${log}' ;; esac\n`,
        { mode: 0o755 },
      );
    }
    const env = { ...node.env, PATH: `${bin}:${node.env['PATH']}` };
    const walks = (): string[] =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.includes(' -prune'));
    for (const [facts, count] of [
      ['fast', 0],
      ['deep', 1],
    ] as const) {
      const result = await runPipe([`vz-parse-config --conf-dir ${node.confDir} --facts ${facts} 101`], {
        env,
      });
      assert.equal(result.code, 0, result.stderr);
      assert.equal(walks().length, count, walks().join('\n'));
    }
    const { facts } =
      configs(await runPipe([`vz-parse-config --conf-dir ${node.confDir} --facts deep 101`], { env }))[0] ??
      {};
    assert.ok((facts?.deep?.highestUid ?? -1) >= 0 && facts?.guest.init !== undefined);
  });

  it('looks at a node over ssh', async (t) => {
    if (!needs(t, 'root', 'ssh', 'sshd')) return;
    const dir = makeConfDir(t);
    const { env } = startVpsAdminOsNode(t);
    const command = `vz-parse-config --conf-dir ${dir}/conf`;
    const result = await runPipe([`${command} 'root@node:my web' ssh://root@node/2`], { env });
    assert.equal(result.code, 0, result.stderr);
    const [first, second] = configs(result);
    assert.deepEqual([first?.ctid, second?.ctid], ['101', '2']);
    assert.deepEqual([first?.source.host?.name, first?.source.host?.user], ['node', 'root']);
    assert.equal(first?.facts?.layout, null);
    assert.ok((first?.facts?.node.cpus ?? 0) > 0);
    const all = await runPipe([`${command} --facts none --all root@node root@127.0.0.2`], { env });
    assert.equal(lines(all).length, 3);
    assert.deepEqual(
      failures(all).map(({ ctid }) => ctid),
      [null],
    );
    assert.equal(all.code, failures(all)[0]?.exit);
  });

  it('keeps bytes that are not UTF-8', async () => {
    const config = Buffer.from('DESCRIPTION="\xe9"\n', 'latin1');
    const document = configs(await run('vz-parse-config --ctid 7', config))[0];
    assert.deepEqual([document?.items[0]?.raw, document?.items[0]?.encoding], ['é', 'latin1']);
    assert.equal(document?.source.files[0]?.content, config.toString('base64'));
  });

  it('says warnings, those of the whole node once', async (t) => {
    const dir = makeConfDir(t);
    writeFileSync(join(dir, 'vz.conf'), 'OSTEMPLATE=$X\n');
    writeFileSync(join(dir, 'conf/101.conf'), 'HOSTNAME=$X\n');
    writeFileSync(join(dir, 'conf/2.conf'), 'HOSTNAME=a\n');
    const { stderr } = await run(`vz-parse-config --conf-dir ${dir}/conf --facts none 2 101`);
    assert.equal(stderr.match(/OSTEMPLATE/g)?.length, 1);
    assert.match(stderr, /warning: ct 101: line 1: HOSTNAME: .*\[SHELL_DIFFERS\]/);
  });

  it('tells the commands with -v', async (t) => {
    const dir = makeConfDir(t);
    const { stderr } = await run(`vz-parse-config -v --conf-dir ${dir}/conf --facts none 'my web'`);
    assert.match(stderr, /on this machine: readlink -- '.*names\/my web'/);
  });

  it('prints its schema', async () => {
    const { stdout } = await run('vz-parse-config --schema');
    assert.equal(JSON.parse(stdout).properties.kind.const, 'vz-config');
  });
});

describe('what bad input gets', () => {
  const usage: readonly (readonly [string, RegExp])[] = [
    ['vz-parse-config', /a config on stdin needs its id/],
    ['vz-parse-config - -', /needs its id/],
    ['vz-parse-config --ctid 0', /expected an id/],
    ['vz-parse-config --ctid 7 101', /only for one file, or for stdin/],
    ['vz-parse-config --ctid 7 --all', /not with --all/],
    ['vz-parse-config --facts some 101', /expected none, fast, deep/],
    ['vz-parse-config --fact none 101', /did you mean --facts/],
    ['vz-parse-config "a;b"', /expected the id or name/],
  ];
  for (const [command, message] of usage) {
    it(`64: ${command}`, async () => {
      const result = await run(command);
      assert.deepEqual([result.code, result.stdout], [64, '']);
      assert.match(result.stderr, message);
      assert.equal(result.stderr.trimEnd().split('\n').length, 1);
    });
  }

  const missing = ['999', '0', '0101', 'nobody', '/nonexistent.conf', 'fbcdf284-5345-416b-a589-7b5fcaa87673'];
  for (const word of missing) {
    it(`66: ${word}`, async (t) => {
      const result = await run(`vz-parse-config --conf-dir ${makeConfDir(t)}/conf --facts none ${word}`);
      assert.equal(result.code, 66, result.stderr);
      assert.deepEqual(
        failures(result).map(({ exit }) => exit),
        [66],
      );
    });
  }

  it('66: no config directory', async () => {
    assert.equal((await run('vz-parse-config --conf-dir /nonexistent --all')).code, 66);
  });

  it('one failure does not stop the rest, and the worst code counts', async (t) => {
    const dir = makeConfDir(t);
    writeFileSync(join(dir, 'conf/3.conf'), Buffer.alloc(5 * 1024 * 1024, 'x'));
    writeFileSync(join(dir, 'other.txt'), '');
    const result = await run(
      `vz-parse-config --conf-dir ${dir}/conf --facts none 999 3 101 ${dir}/other.txt`,
    );
    assert.equal(result.code, 66);
    assert.deepEqual(
      failures(result).map(({ ctid, code }) => [ctid, code]),
      [
        ['999', 'NO_CONTAINER'],
        ['3', 'CONFIG_TOO_LARGE'],
        [null, 'NO_CTID'],
      ],
    );
    assert.equal(lines(result).length, 4);
  });

  it('74: a pipe or a device is no config, and holds up nobody', async (t) => {
    const dir = makeConfDir(t);
    spawnSync('mkfifo', [join(dir, 'conf/3.conf')]);
    symlinkSync('/dev/zero', join(dir, 'conf/4.conf'));
    const result = await run(`timeout 20 vz-parse-config --conf-dir ${dir}/conf --facts none 3 4 101`);
    assert.equal(result.code, 74, result.stderr);
    assert.deepEqual(
      failures(result).map(({ ctid, message }) => [ctid, /is no regular file/.test(message)]),
      [
        ['3', true],
        ['4', true],
      ],
    );
    assert.equal(configs({ ...result, stdout: `${result.stdout.trim().split('\n').at(-1)}\n` }).length, 1);
  });

  it('65: a sparse file of 5 GB is refused unread', async (t) => {
    const dir = makeConfDir(t);
    writeFileSync(join(dir, 'conf/3.conf'), '');
    truncateSync(join(dir, 'conf/3.conf'), 5e9);
    const result = await run(`timeout 20 vz-parse-config --conf-dir ${dir}/conf --facts none 3`);
    assert.equal(result.code, 65, result.stderr);
    assert.deepEqual(
      failures(result).map(({ code }) => code),
      ['CONFIG_TOO_LARGE'],
    );
  });

  it('77: a config that may not be read', async (t) => {
    if (!needs(t, 'root', 'setpriv')) return;
    const dir = makeConfDir(t);
    chmodSync(dir, 0o755);
    chmodSync(join(dir, 'conf/101.conf'), 0);
    const node = process.execPath;
    const command = `setpriv --reuid 65534 --clear-groups ${node} "$(readlink -f "$(command -v vz-parse-config)")"`;
    const result = await run(`${command} --conf-dir ${dir}/conf --facts none 101 2`);
    assert.equal(result.code, 77, result.stderr);
    assert.equal(lines(result).length, 2);
  });

  const strict = ['what', 'ONBOOT=auto', 'NOKEY=1', 'IP_ADDRESS="10.0.0.1 x"', 'HOSTNAME="a'];
  for (const config of strict) {
    it(`65 with --strict: ${config}`, async () => {
      const result = await run('vz-parse-config --strict --ctid 7', `${config}\n`);
      assert.equal(result.code, 65, result.stderr);
      assert.deepEqual(
        failures(result).map(({ ctid, code }) => [ctid, code]),
        [['7', 'STRICT']],
      );
      assert.equal((await run('vz-parse-config --ctid 7', `${config}\n`)).code, 0);
    });
  }

  it('141: a closed stdout', async (t) => {
    const dir = makeConfDir(t);
    for (let id = 1000; id < 1400; id += 1)
      copyFileSync(join(dir, 'conf/2.conf'), join(dir, `conf/${id}.conf`));
    const result = await run(
      `vz-parse-config --conf-dir ${dir}/conf --facts none --all | head -c 1000 >/dev/null`,
    );
    assert.equal(result.codes[0], 141);
    assert.equal(result.stderr, '');
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import type { VzConfig } from '../../../lib/documents/documents.ts';
import { validateDocument } from '../../../lib/documents/validate.ts';
import { CONFIG, type DeadDisks, makeDeadDisks, manifest, SCRIPT } from '../../support/offline.ts';
import { type PipeResult, runPipe } from '../../support/run-pipe.ts';

/** Has a vzctl and a zfs that tell on whoever calls them for more than their version. */
function tellTales(t: TestContext, { dir }: DeadDisks): { env: NodeJS.ProcessEnv; told: () => string } {
  const [bin, log] = [join(dir, 'bin'), join(dir, 'told')];
  mkdirSync(bin);
  writeFileSync(log, '');
  for (const name of ['vzctl', 'vzlist']) {
    const text = `#!/bin/sh\ncase $* in --version | --help) ;; *) echo ${name} "$@" >>'${log}' ;; esac\n`;
    writeFileSync(join(bin, name), text, { mode: 0o755 });
  }
  t.after(() => rmSync(bin, { recursive: true, force: true }));
  return {
    env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` },
    told: () => readFileSync(log, 'utf8'),
  };
}

const look = (words: string, env: NodeJS.ProcessEnv = process.env): Promise<PipeResult> =>
  runPipe([`vz-parse-config ${words}`], { env });

function only({ stdout }: PipeResult): VzConfig {
  return validateDocument(JSON.parse(stdout), 'vz-config', 'stdout');
}

describe('the disks of a dead node', () => {
  it('are read with every path below their prefix, and nothing is asked or written', async (t) => {
    const disks = makeDeadDisks(t);
    const { prefix, tree } = disks;
    const { env, told } = tellTales(t, disks);
    const before = manifest(prefix);
    const result = await look(`--facts deep 'dir:${prefix}:my web'`, env);
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.stderr, '');
    assert.deepEqual([manifest(prefix), told()], [before, '']);
    const { ctid, source, facts, warnings } = only(result);
    assert.deepEqual([ctid, source.host, source.offline], ['101', null, { from: 'dir', prefix }]);
    assert.deepEqual(
      source.files.map(({ path, role, content }) => [path, role, content.slice(0, 20)]),
      [
        ['/etc/vz/conf/101.conf', 'container', CONFIG.slice(0, 20)],
        ['/etc/vz/vz.conf', 'global', 'VE_PRIVATE=/vz/priva'],
        ['/etc/vz/conf/101.mount', 'script', SCRIPT.slice(0, 20)],
      ],
    );
    assert.deepEqual([facts?.privatePath, facts?.rootPath], [tree, join(prefix, 'var/lib/vz/root/101')]);
    assert.deepEqual([facts?.layout, facts?.status, facts?.nameLink], ['simfs', null, true]);
    assert.deepEqual(
      [facts?.guest.init, facts?.guest.glibc, facts?.guest.elfClass],
      ['sysvinit', '2.13', 64],
    );
    assert.deepEqual(
      [facts?.node.nameservers, facts?.node.cpus, facts?.node.memoryBytes],
      [['192.0.2.53'], null, '0'],
    );
    assert.deepEqual(facts?.actionScripts, [{ path: '/etc/vz/conf/101.mount', executable: true }]);
    assert.ok(Number(facts?.deep?.files) > 10);
    assert.deepEqual(warnings, []);
    const all = await look(`--all --facts none dir:${prefix}`);
    assert.deepEqual([all.code, only(all).ctid, only(all).facts], [0, '101', null]);
  });

  it('never lead to files of this machine', async (t) => {
    const { dir, prefix, tree } = makeDeadDisks(t);
    const secret = join(dir, 'own');
    mkdirSync(join(secret, 'etc/vz/conf'), { recursive: true });
    mkdirSync(join(secret, 'root/etc'), { recursive: true });
    writeFileSync(join(secret, 'root/etc/debian_version'), 'SECRET\n');
    writeFileSync(join(secret, 'script'), 'SECRET\n', { mode: 0o755 });
    writeFileSync(join(secret, 'resolv.conf'), 'nameserver 203.0.113.99\n');
    writeFileSync(join(secret, '102.conf'), 'HOSTNAME="SECRET"\n');
    const conf = join(prefix, 'etc/vz/conf');
    const up = '../'.repeat(30);
    for (const [name, target] of [
      ['101.start', join(secret, 'script')],
      ['101.stop', `${up}${secret}/script`],
      ['vps.mount', '/proc/self/root/etc/passwd'],
      ['102.conf', join(secret, '102.conf')],
      ['103.conf', `${up}${secret}/102.conf`],
    ] as const)
      symlinkSync(target, join(conf, name));
    rmSync(join(prefix, 'etc/resolv.conf'));
    symlinkSync(join(secret, 'resolv.conf'), join(prefix, 'etc/resolv.conf'));
    rmSync(join(tree, 'etc/debian_version'));
    symlinkSync(join(secret, 'root/etc/debian_version'), join(tree, 'etc/debian_version'));
    symlinkSync(join(secret, 'root'), join(prefix, 'var/lib/vz/private/104'));
    writeFileSync(join(conf, '104.conf'), '');
    symlinkSync('/', join(prefix, 'var/lib/vz/private/105'));
    writeFileSync(join(conf, '105.conf'), `VE_PRIVATE="/vz/private/105${secret}/root"\n`);
    writeFileSync(
      join(conf, '106.conf'),
      `VE_PRIVATE="/../../..${secret}/root"\nVE_ROOT=/vz/private/../../../../../..${secret}/root\n`,
    );
    const result = await look(`--all --facts deep dir:${prefix}`);
    assert.ok(!result.stdout.includes('SECRET'), result.stdout);
    assert.ok(!result.stdout.includes('203.0.113.99'));
    const documents = result.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      documents.map(({ kind, ctid }) => [kind, ctid]),
      [
        ['vz-config', '101'],
        ['vz-error', '102'],
        ['vz-error', '103'],
        ['vz-config', '104'],
        ['vz-config', '105'],
        ['vz-config', '106'],
      ],
    );
    for (const { kind, facts } of documents) {
      if (kind !== 'vz-config') continue;
      for (const path of [facts.privatePath, facts.rootPath]) assert.ok(path.startsWith(`${prefix}/`), path);
    }
    assert.deepEqual(
      documents.slice(3).map(({ facts }) => facts.layout),
      [null, null, null],
    );
  });

  it('may hold an image, or what is left of a suspended container', async (t) => {
    const { prefix, tree } = makeDeadDisks(t);
    writeFileSync(join(prefix, 'var/lib/vz/dump/Dump.101'), '');
    const suspended = only(await look(`dir:${prefix}:101`));
    assert.deepEqual(
      suspended.warnings.map(({ code }) => code),
      ['DUMP_LEFT'],
    );
    renameSync(tree, `${tree}.files`);
    mkdirSync(join(tree, 'root.hdd'), { recursive: true });
    writeFileSync(join(tree, 'root.hdd/DiskDescriptor.xml'), '<Snapshots><Shot></Shot></Snapshots>');
    const document = await look(`dir:${prefix}:101`);
    assert.deepEqual([only(document).facts?.layout, only(document).facts?.snapshots], ['ploop', 0]);
    const packed = await runPipe(['vz-to-osctl -q --report none', 'vz-rootfs-tar'], {
      input: document.stdout,
    });
    assert.deepEqual(packed.codes, [0, 78]);
    assert.match(
      packed.stderr,
      /ploop container, whose files are in the image .*qemu-nbd -r -f parallels .*mount -o ro,noload/,
    );
  });

  it('that are not there, or hold no such container, have their exit codes', async (t) => {
    const { prefix } = makeDeadDisks(t);
    for (const [words, code, said] of [
      [`dir:${prefix}:102`, 66, /no config \/etc\/vz\/conf\/102\.conf below/],
      [`'dir:${prefix}:other web'`, 66, /no container has the name/],
      [`dir:${prefix}/none:101`, 66, /no such directory/],
      [`dir:${prefix}`, 64, /expected dir:PREFIX:CT/],
      [`--ctid 5 dir:${prefix}:101`, 64, /--ctid/],
      [`--all dir:${prefix} --conf-dir /etc/pve/openvz`, 66, /of Proxmox VE/],
    ] as const) {
      const result = await look(words);
      assert.equal(result.code, code, `${words}: ${result.stderr}`);
      assert.match(result.stderr, said);
    }
  });
});

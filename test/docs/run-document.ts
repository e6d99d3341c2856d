import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Migration } from '../support/migrations.ts';
import { runPipe } from '../support/run-pipe.ts';
import { makeKey } from '../support/sshd.ts';

/** What a person types, a fenced block `sh`, and what is said to come of it: the block `text` behind it. */
export interface Block {
  readonly line: number;
  readonly script: string;
  readonly expected: readonly string[];
}

/** The blocks `sh` of a document of docs/, in order. */
export function readBlocks(document: string): Block[] {
  const text = readFileSync(document, 'utf8');
  return [...text.matchAll(/^```sh\n(.*?)^```$(?:\n+^```text\n(.*?)^```$)?/gms)].map(
    ({ index, 1: script = '', 2: expected = '' }) => ({
      line: text.slice(0, index).split('\n').length,
      script,
      expected: expected.split('\n').filter(Boolean),
    }),
  );
}

/**
 * Runs all blocks as one session of bash that ends at the first failure, in an empty directory of the machine between both
 * nodes. Of a block's expected lines, each must have been printed, on stdout or stderr; `…` stands for anything.
 */
export async function runDocument(document: string, migration: Migration): Promise<string> {
  const blocks = readBlocks(document);
  const home = join(migration.target.dir, 'home');
  const bin = writeWrappers(home, migration);
  mkdirSync(join(home, '.ssh'));
  makeKey(join(home, '.ssh/id_rsa'), 'rsa');
  const script = [
    `exec 2>&1; set -e; cd '${home}'; PATH='${bin}:'"$PATH"`,
    ...blocks.map(({ line, script }) => `echo '${MARK}${line}'\n${placeOn(migration, script)}`),
  ].join('\n');
  const { code, stdout } = await runPipe(script, { env: { ...migration.env, HOME: home } });
  assert.equal(code, 0, `${document}: ends with ${code}: ${stdout}`);
  const printed = new Map(
    stdout
      .split(MARK)
      .slice(1)
      .map((part) => [Number.parseInt(part, 10), part.split('\n').slice(1)]),
  );
  for (const { line, expected } of blocks) {
    const lines = printed.get(line) ?? [];
    for (const text of expected) {
      const pattern = new RegExp(`^${text.split('…').map(quote).join('.*')}$`);
      assert.ok(
        lines.some((one) => pattern.test(one)),
        `${document}:${line}: never printed: ${text}\n${lines.join('\n')}`,
      );
    }
  }
  return stdout;
}

/** Where the stand-ins have what a node has elsewhere. */
export function placeOn({ source, target, stateDir }: Migration, text: string): string {
  return text
    .replaceAll('/etc/vz/', `${source.dir}/etc/vz/`)
    .replaceAll('/vz/private/101', source.privatePath)
    .replaceAll('/var/lib/vz2osctl', stateDir)
    .replaceAll(' /tank/', ` ${target.dir}/tank/`);
}

/** The stand-in's configs are not in /etc/vz/conf, and no test may write into /var/lib/vz2osctl. */
export function writeWrappers(home: string, { source, target, pool, stateDir }: Migration): string {
  const bin = join(home, '.wrappers');
  mkdirSync(bin, { recursive: true });
  const write = (name: string, script: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  write(
    'vz-parse-config',
    `exec '${resolve('dist/bin/vz-parse-config')}' --conf-dir '${source.confDir}' "$@"`,
  );
  write(
    'vz-migrate-step',
    `step=$1; shift; case "$step $1" in now* | 'stage root@'*) set -- "$@" --conf-dir '${source.confDir}' ;; esac
exec '${resolve('dist/bin/vz-migrate-step')}' "$step" --state-dir '${stateDir}' "$@"`,
  );
  write(
    'vpsadminos-convert',
    `case "$*" in *export* | *stage* | *now*) set -- "$@" --conf-dir '${source.confDir}' ;; esac
case "$*" in *migrate*) set -- "$@" --state-dir '${stateDir}' ;; esac
exec '${resolve('dist/bin/vpsadminos-convert')}' "$@"`,
  );
  // zfs-fuse has no files without a name, which the spool file is.
  if (pool)
    write(
      'osctl-import',
      `case "$*" in *--direct* | *--print-command*) ;; *) set -- --spool-dir '${target.dir}' "$@" ;; esac
exec '${resolve('dist/bin/osctl-import')}' "$@"`,
    );
  return bin;
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

const MARK = '@@ block of line ';

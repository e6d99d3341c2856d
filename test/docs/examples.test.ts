import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addBusybox } from '../support/busybox-guest.ts';
import { type Migration, type Storage, startMigration } from '../support/migrations.ts';
import { needs } from '../support/needs.ts';
import { runPipe } from '../support/run-pipe.ts';
import { placeOn, writeWrappers } from './run-document.ts';

/** Examples that cannot be run here, by their text, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'vz-parse-config --legacy --ssh builtin root@old:101 | vz-to-osctl | vz-rootfs-tar | osctl-bundle > ct-101.tar':
    'the built-in client connects by itself, and does not ask the ssh that finds the stand-ins',
};

const DOCUMENT = 'vz-parse-config 101 | vz-to-osctl -q --report none';
const SEND = 'zfs send vz/private/101@one';
const STAGE = `${DOCUMENT.replace('101', 'root@vz6:101')} | vz-migrate-step stage --to root@node`;

/** What the reader has when he types an example: a file, where it is not there yet and the example does not make it. */
const FILES: Readonly<Record<string, string>> = {
  '101.conf': `cp "$CONF/101.conf" .`,
  '101.json': `${DOCUMENT} > 101.json`,
  'ct-101.tar': `${DOCUMENT} | vz-rootfs-tar | osctl-bundle > ct-101.tar`,
  '101.tar.gz': `${DOCUMENT} | vz-rootfs-tar --raw > 101.tar.gz`,
  bundle: `${DOCUMENT} | vz-rootfs-tar > bundle`,
  base: `zfs snapshot vz/private/101@one; ${SEND} > base`,
  last: 'zfs snapshot vz/private/101@two; zfs send -i @one vz/private/101@two > last',
  '101.zstream': `zfs snapshot vz/private/101@one; ${SEND} > 101.zstream`,
  'node.json': 'osctl-probe root@node > node.json',
  'fleet.ndjson': 'vz-parse-config --all root@vz6 | vz-to-osctl -q --report none > fleet.ndjson',
  './hooks': 'mkdir hooks',
};

/** What has happened before a block that begins so. */
const BEFORE: readonly (readonly [RegExp, string])[] = [
  [/^vz-migrate-step (sync|transfer|status) /, STAGE],
  [
    /^vz-migrate-step rollback /,
    `${STAGE}; vz-migrate-step sync root@vz6:101; vz-migrate-step transfer root@vz6:101`,
  ],
  [/--snapshot daily/, 'zfs snapshot vz/private/101@daily'],
  [/osctl ct runscript/, `${DOCUMENT} | vz-rootfs-tar | osctl-bundle | osctl-import root@node`],
];

const MANUALS = readdirSync('cmd').filter((name) => name.endsWith('.md'));

for (const manual of MANUALS) {
  test(`${manual}: its examples can be typed`, async (t) => {
    if (!needs(t, 'jq', 'busybox')) return;
    const sessions = new Map<Storage, Migration>();
    for (const block of examplesOf(manual)) {
      // A migration ends with another state of both nodes, so each has nodes of its own.
      const isMigration = / migrate |vz-migrate-step/.test(block.join('\n'));
      if (isMigration) sessions.clear();
      for (const [index, line] of block.entries()) {
        if (line in LEFT_OUT) continue;
        const storage = storageOf(isMigration ? block.join('\n') : line);
        const migration = sessions.get(storage) ?? (await startMigration(t, storage, { plain: true }));
        if (!migration) return;
        if (line.includes('runscript')) addBusybox(migration.tree);
        sessions.set(storage, migration);
        await runExample(migration, line, index === 0 || !isMigration);
      }
      if (isMigration) sessions.clear();
    }
  });
}

test('what is left out is in a manual', () => {
  const lines = MANUALS.flatMap(examplesOf).flat();
  for (const line of Object.keys(LEFT_OUT)) assert.ok(lines.includes(line), line);
});

/** The indented blocks of EXAMPLES, each by its lines; of a line for crontab(5), the command. */
function examplesOf(manual: string): string[][] {
  const [, section = ''] =
    /^## EXAMPLES\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(readFileSync(join('cmd', manual), 'utf8')) ?? [];
  const blocks = section.match(/(?:^ {4}.*\n)+/gm) ?? [];
  assert.notEqual(blocks.length, 0, `${manual}: no example`);
  return blocks.map((block) =>
    block
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(4).replace(/^(?:[\d*]+ +){5}/, '')),
  );
}

/** What the container is stored on, for which the example is. */
function storageOf(text: string): Storage {
  if (/zfs|zstream|\.dat=|osctl-ct-receive/.test(text)) return 'zfs-receive-1';
  return /\b102\b/.test(text) ? 'ploop' : 'simfs';
}

/** Runs a line, where what it needs is there. Each import is one to a node that does not have the container. */
async function runExample(migration: Migration, line: string, isFirst: boolean): Promise<void> {
  const { source, target, pool } = migration;
  const home = join(target.dir, 'home');
  mkdirSync(home, { recursive: true });
  const bin = writeWrappers(home, migration);
  // Of the other nodes of a fleet, each is the one that there is.
  const [ssh = ''] = migration.env['PATH']?.split(':') ?? [];
  writeFileSync(join(bin, 'ssh'), `#!/bin/bash\nexec '${ssh}/ssh' "\${@/%vz7/vz6}"\n`, { mode: 0o755 });
  const dataset = pool?.zfs('list', '-H', '-o', 'name', source.privatePath).trim() ?? '';
  const place = (text: string): string =>
    placeOn(migration, text).replaceAll(/(?<=[ =])vz\/private\/101/g, dataset);
  const env = {
    ...migration.env,
    VZ_STANDIN: source.dir,
    CONF: source.confDir,
    HOME: home,
    PATH: `${bin}:${migration.env['PATH']}:${source.env['PATH']}`,
  };
  const run = async (script: string): Promise<void> => {
    const { code, stderr } = await runPipe(`PATH='${bin}:'"$PATH"; ${place(script)}`, { env, cwd: home });
    assert.equal(code, 0, `${line}: ${script} ends with ${code}: ${stderr}`);
  };
  if (/osctl-import|runscript/.test(line))
    for (const id of imported(migration)) target.osctl(['ct', 'del', '-f', id]);
  for (const [file, script] of Object.entries(FILES)) {
    const named = new RegExp(`(?<=^|[\\s=])${file.replace(/\./g, '\\.')}(?=$|[\\s;)])`);
    const made = new RegExp(`(>|-o) ${file.replace(/\./g, '\\.')}(?=$|[\\s;)])`);
    if (named.test(line) && !made.test(line) && !existsSync(join(home, file))) await run(script);
  }
  for (const [pattern, script] of BEFORE) if (isFirst && pattern.test(line)) await run(script);
  await run(line);
}

/** Ids of the containers on the new node. */
function imported({ target }: Migration): string[] {
  const { stdout } = target.osctl(['-j', 'ct', 'ls']);
  return [...stdout.matchAll(/"id": ?"([^"]+)"/g)].map(([, id = '']) => id);
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { quoteArgv } from '../../lib/host/quote.ts';
import { downtimeMs } from '../../lib/migrate/describe.ts';
import { type Migration, type StepResult, type Storage, startMigration } from '../support/migrations.ts';
import { runPipe } from '../support/nodes.ts';
import { median } from './measure.ts';
import type { BenchOptions } from './streams.ts';
import { ratio } from './table.ts';

/** Moving a container between two machines, through this one, against ssh(1) and the same programs. */
export async function migrateRows(t: TestContext, options: BenchOptions): Promise<void> {
  for (const { storage, what, plain } of PASSES) {
    await part(t, `${storage}: first pass`, async (own) => {
      const migration = await startMigration(own, storage, { plain: true, sizeMib: SIZE_MIB });
      if (!migration) return;
      const [ours, theirs] = await firstPasses(migration, plain, options.rounds);
      ratio(
        `${storage}, ${SIZE_MIB} MiB: (${what}) / first sync`,
        theirs,
        ours,
        '>= 0.9',
        (value) => value >= 0.9,
      );
    });
  }
  await part(t, 'small files', (own) => smallFiles(own, options));
}

/** How long it is down. */
export async function moveRows(t: TestContext): Promise<void> {
  for (const storage of ['simfs', 'zfs-receive-2'] as const) {
    await part(t, `${storage}: downtime`, (own) => downtime(own, storage));
  }
}

/** Takes down what it has made before the next begins. What goes wrong is said: the runner's report is thrown away. */
async function part(t: TestContext, name: string, run: (own: TestContext) => Promise<void>): Promise<void> {
  await t.test(name, (own) =>
    run(own).catch((error: unknown) => {
      process.stderr.write(`${name}: ${error instanceof Error ? error.stack : error}\n`);
      throw error;
    }),
  );
}

/** Seconds of the first pass of ours, and of the pipe of ssh. */
async function firstPasses(
  migration: Migration,
  plain: (migration: Migration) => Baseline,
  rounds: number,
): Promise<[number, number]> {
  const { before, script, after } = plain(migration);
  if (before !== undefined) await secondsOfScript(migration, before);
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    times[1].push(await secondsOfScript(migration, script));
    await secondsOfScript(migration, after);
    done(await migration.stage());
    times[0].push(await secondsOf(migration, 'sync'));
    done(await migration.step('cancel'));
  }
  return [median(times[0]), median(times[1])];
}

/** A tar of many small files against rsync of ours, which goes on from a directory that is there. */
async function smallFiles(t: TestContext, { rounds }: BenchOptions): Promise<void> {
  const migration = await startMigration(t, 'simfs', { plain: true });
  if (!migration) return;
  writeSmallFiles(join(migration.tree, 'srv/small'));
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, isRsync] of [false, true].entries()) {
      done(await migration.stage());
      if (isRsync) mkdirSync(join(migration.target.dir, 'tank/ct', migration.ctid, 'vz2osctl.incoming'));
      times[index]?.push(await secondsOf(migration, 'sync'));
      done(await migration.step('cancel'));
    }
  }
  const [tar, rsync] = times.map(median);
  ratio(
    `simfs, ${FILES} files: relayed rsync / first sync`,
    rsync ?? 0,
    tar ?? 0,
    '> 1',
    (value) => value > 1,
  );
}

/** What the hook `before-stop` changes is what the last pass has to send. By hand: each of both commands by ssh. */
async function downtime(t: TestContext, storage: Storage): Promise<void> {
  const migration = await startMigration(t, storage, { plain: true, sizeMib: SIZE_MIB, targetOnZfs: true });
  if (!migration) return;
  const { tree, target, ctid } = migration;
  const stop = await secondsOfScript(migration, `ssh root@vz6 vzctl --quiet stop ${ctid}`);
  await secondsOfScript(migration, `ssh root@vz6 vzctl --quiet start ${ctid}`);
  done(await migration.stage());
  for (let pass = 0; pass < 2; pass += 1) done(await migration.step('sync'));
  changeOnePercent(tree);
  const alone = done(await migration.step('sync')).document?.sync.passes.at(-1)?.ms ?? 0;
  const hooks = join(target.dir, 'hooks');
  mkdirSync(hooks);
  const change = quoteArgv(['cp', '-r', `${copyOfOnePercent(tree, target.dir)}/.`, `${tree}/srv/filler/`]);
  writeFileSync(join(hooks, 'before-stop'), `#!/bin/sh\n${change}\n`, { mode: 0o755 });
  const { document } = done(await migration.step('transfer', '--hooks', hooks));
  const down = (document && downtimeMs(document)) ?? 0;
  await secondsOfScript(migration, `ssh root@node osctl ct stop ${ctid}`);
  const start = await secondsOfScript(migration, `ssh root@node osctl ct start ${ctid}`);
  const parts = [alone / 1000, stop, start].map((seconds) => seconds.toFixed(2)).join(' + ');
  ratio(
    `${storage}, 1 % of ${SIZE_MIB} MiB: downtime / (pass + stop + start by hand: ${parts} s)`,
    down / 1000,
    alone / 1000 + stop + start,
    '<= 1.5',
    (value) => value <= 1.5,
  );
}

async function secondsOf(migration: Migration, step: string): Promise<number> {
  const startedMs = performance.now();
  done(await migration.step(step));
  return (performance.now() - startedMs) / 1000;
}

/** Not as `timeScript` does it: the link to the old node is a part of this process. */
async function secondsOfScript({ env }: Migration, script: string): Promise<number> {
  const startedMs = performance.now();
  const { code, stderr } = await runPipe(script, { env });
  if (code !== 0) throw new Error(`failed with ${code}: ${script}\n${stderr}`);
  return (performance.now() - startedMs) / 1000;
}

function done(result: StepResult): StepResult {
  if (result.code !== 0) throw new Error(`failed with ${result.code}: ${result.stderr}`);
  return result;
}

function changeOnePercent(tree: string): void {
  for (const path of onePercent(tree)) writeFileSync(path, shifted(path));
}

/** With other contents again. */
function copyOfOnePercent(tree: string, dir: string): string {
  const [filler, copy] = [join(tree, 'srv/filler'), join(dir, 'changed')];
  for (const path of onePercent(tree)) {
    const to = join(copy, path.slice(filler.length));
    mkdirSync(join(to, '..'), { recursive: true });
    writeFileSync(to, shifted(path));
  }
  return copy;
}

function shifted(path: string): Buffer {
  const content = readFileSync(path);
  return Buffer.concat([content.subarray(1), content.subarray(0, 1)]);
}

function onePercent(tree: string): string[] {
  const filler = join(tree, 'srv/filler');
  let left = SIZE_MIB * 2 ** 20 * 0.01;
  return readdirSync(filler, { recursive: true, encoding: 'utf8' })
    .map((name) => join(filler, name))
    .filter((path) => {
      const stat = statSync(path);
      if (!stat.isFile() || left <= 0 || stat.size > left * 2) return false;
      left -= stat.size;
      return true;
    });
}

function writeSmallFiles(dir: string): void {
  const content = Buffer.alloc(1000, 'small ');
  for (let number = 0; number < FILES; number += 1) {
    const parent = join(dir, String(number % 1000));
    if (number < 1000) mkdirSync(parent, { recursive: true });
    writeFileSync(join(parent, String(number)), content);
  }
  execFileSync('sync');
}

/** Lines of sh. */
interface Baseline {
  readonly before?: string;
  readonly script: string;
  readonly after: string;
}

function plainStreams({ pool, tree }: Migration): Baseline {
  const dataset = `${pool?.name}/private/${tree.split('/').at(-2)}`;
  return {
    before: `ssh root@vz6 zfs snapshot ${dataset}@bench`,
    script: `ssh root@vz6 zfs send ${dataset}@bench | ssh root@node zfs recv -F -u tank/bench`,
    after: 'ssh root@node zfs destroy -r tank/bench',
  };
}

function plainTar({ tree, target }: Migration): Baseline {
  const copy = join(target.dir, 'bench');
  return {
    script: `ssh root@vz6 tar -C ${tree} -c . | ssh root@node 'mkdir ${copy} && tar -C ${copy} -x && sync -f ${copy}'`,
    after: `rm -rf ${copy}`,
  };
}

const PASSES = [
  { storage: 'zfs-receive-2', what: 'ssh zfs send | ssh zfs recv', plain: plainStreams },
  { storage: 'zfs-root', what: 'ssh zfs send | ssh zfs recv', plain: plainStreams },
  { storage: 'simfs', what: 'ssh tar | ssh tar', plain: plainTar },
] as const;
const SIZE_MIB = Number(process.env['BENCH_MIGRATE_MIB'] ?? 1000);
const FILES = Number(process.env['BENCH_MIGRATE_FILES'] ?? 100_000);

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { type Migration, type StepResult, type Storage, startMigration } from '../migrations.ts';
import { runPipe } from '../nodes.ts';
import { mountSmallDisk, type SmallDisk } from '../small-disk.ts';
import { startMasters } from './masters.ts';

/** What can happen at an effect; `cut` and `dies` only in the middle of a stream, `full` where one is written. See README.md. */
export const FAULTS = ['before', 'after', 'lost', 'fails', 'cut', 'dies', 'full', 'unsaved'] as const;
export type Fault = (typeof FAULTS)[number];

/** Something that a step does to one of the nodes. */
export interface Effect {
  /** What the journal calls it, and the command. */
  readonly name: string;
  /** Of this name, in one run of the step. */
  readonly count: number;
  /** How data flows through it. */
  readonly stream: 'reader' | 'writer' | null;
}

/** Each effect, the first time that it is come by. */
export const EACH: Effect = { name: 'each', count: 0, stream: null };

/**
 * Whether somebody wants this one of the chains and cases. FAULTS_ONLY has up to three regular expressions with `: ` between them,
 * for the parts of a name: storage, step (of a chain: fault), effect with its fault. It may be asked with the first parts alone.
 */
export function isWanted(...parts: readonly string[]): boolean {
  return parts.every((part, index) => (ONLY[index] ?? EVERYTHING).test(part));
}

const EVERYTHING = /(?:)/;
const ONLY = wanted(process.env['FAULTS_ONLY'] ?? '');

/** What is behind the second `: ` is one, whatever it has in it. */
function wanted(text: string): readonly RegExp[] {
  const [storage = '', step = '', ...rest] = text.split(': ');
  return [storage, step, rest.join(': ')].map((part) => new RegExp(part));
}

/** A migration whose steps go wrong where they are told to. */
export interface Faulty {
  readonly migration: Migration;
  /** A copy of the source's tree. */
  readonly kept: string;
  /** Config of the container on the source, as it was. */
  readonly config: string;
  /** Runs a step, with what shall happen. Killed: code 137. */
  readonly step: (
    words: string,
    at?: { readonly effect: Effect; readonly fault: Fault },
  ) => Promise<FaultyResult>;
  /** How many effects have gone wrong as one of `EACH`. */
  readonly hits: () => number;
}

export interface FaultyResult extends StepResult {
  readonly effects: readonly Effect[];
}

/**
 * Two nodes, and a program whose every command passes by `ssh` of this directory. `to`: as in `--to`. `isFillable`: the disks of the
 * target and of the state directory can be filled. Undefined: something is missing.
 */
export async function startFaulty(
  t: TestContext,
  storage: Storage,
  { to = 'root@node', isFillable = false }: { readonly to?: string; readonly isFillable?: boolean } = {},
): Promise<Faulty | undefined> {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-faults-'));
  const own = join(dir, 'own');
  mkdirSync(own);
  const disk = isFillable ? mountSmallDisk(own, 2, 0) : undefined;
  t.after(() => {
    disk?.unmount();
    rmSync(dir, { recursive: true, force: true });
  });
  const migration = await startMigration(t, storage, {
    ...{ to, plain: true, children: storage.startsWith('zfs') ? ['data'] : [] },
    stateDir: join(own, 'state'),
    ...(isFillable ? { diskMib: 64 } : {}),
  });
  if (!migration) return undefined;
  const { source, ctid, name, stateDir, tree } = migration;
  mkdirSync(join(dir, 'each'));
  if (disk) writeFills(migration, dir, disk);
  await startMasters(t, migration, dir);
  const env = {
    ...migration.env,
    FAULTS: dir,
    FAULTS_STATE: stateDir,
    VZ2OSCTL_GUARD_SECONDS: '1',
    PATH: `${resolve('test/support/faults')}:${migration.env['PATH']}`,
  };
  const made = await runPipe(
    `vz-parse-config --conf-dir '${source.confDir}' ${name} | vz-to-osctl -q --report none >'${dir}/document'`,
    { env: migration.env },
  );
  assert.equal(made.code, 0, made.stderr);
  const kept = join(dir, 'kept');
  execFileSync('cp', ['-a', tree, kept]);
  const configFile = join(source.confDir, `${ctid}.conf`);
  const via = storage === 'zfs-root' ? ' --via root' : '';
  const step: Faulty['step'] = async (words, at) => {
    rmSync(join(dir, 'counts'), { recursive: true, force: true });
    mkdirSync(join(dir, 'counts'));
    for (const file of ['effects', 'plan']) rmSync(join(dir, file), { force: true });
    if (at) writeFileSync(join(dir, 'plan'), `${at.effect.name}\t${at.effect.count}\t${at.fault}\n`);
    const script =
      words === 'stage'
        ? `vz-migrate-step stage --to ${to} --state-dir '${stateDir}'${via} <'${dir}/document'`
        : `vz-migrate-step ${words} ${name} --state-dir '${stateDir}'`;
    const { code, stderr, stdout } = await runPipe(script, { env });
    if (at && disk) execFileSync(join(dir, 'free'));
    return { code, stderr, stdout, document: undefined, effects: readEffects(join(dir, 'effects')) };
  };
  const hits = (): number => namesIn(join(dir, 'each')).length;
  return { migration, kept, config: readFileSync(configFile, 'utf8'), step, hits };
}

/** Programs that fill the target's disk, but for some kilobytes, or the one of the state directory, and make room on both. */
function writeFills({ pool, target }: Migration, dir: string, own: SmallDisk): void {
  const disk = pool ? quotaOf(`${pool.name}/node`) : target.disk;
  assert.ok(disk);
  const programs = { full: disk.fill, unsaved: own.fill, free: `${disk.free}\n${own.free}` };
  for (const [name, text] of Object.entries(programs))
    writeFileSync(join(dir, name), `#!/bin/sh\nPATH=$PATH:/usr/sbin:/sbin\n${text}\n`, { mode: 0o755 });
}

function quotaOf(dataset: string): Pick<SmallDisk, 'fill' | 'free'> {
  return {
    fill: `used=$(zfs get -H -p -o value used '${dataset}')\nzfs set quota=$((used + 16384)) '${dataset}'`,
    free: `zfs set quota=none '${dataset}'`,
  };
}

function readEffects(file: string): Effect[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'))
    .map(([name = '', count = '', stream]) => ({
      name,
      count: Number(count),
      stream: stream === 'reader' || stream === 'writer' ? stream : null,
    }));
}

/** Names of what is in a directory; it may not be there. */
export function namesIn(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir) : [];
}

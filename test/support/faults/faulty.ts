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
import { startMasters } from './masters.ts';

/** What can happen at an effect; `cut` and `dies` only in the middle of a stream. */
export const FAULTS = ['before', 'after', 'lost', 'fails', 'cut', 'dies'] as const;
export type Fault = (typeof FAULTS)[number];

/** Something that a step does to one of the nodes. */
export interface Effect {
  /** What the journal calls it, and the command. */
  readonly name: string;
  /** Of this name, in one run of the step. */
  readonly count: number;
  readonly isStream: boolean;
}

/** Each effect, the first time that it is come by. */
export const EACH: Effect = { name: 'each', count: 0, isStream: false };

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
}

export interface FaultyResult extends StepResult {
  readonly effects: readonly Effect[];
}

/** Two nodes, and a program whose every command passes by `ssh` of this directory. Undefined: something is missing. */
export async function startFaulty(t: TestContext, storage: Storage): Promise<Faulty | undefined> {
  const children = storage.startsWith('zfs') ? ['data'] : [];
  const migration = await startMigration(t, storage, { plain: true, children });
  if (!migration) return undefined;
  const { source, ctid, name, stateDir, tree } = migration;
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-faults-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'each'));
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
  const via = storage.startsWith('zfs-receive') ? ' --via receive' : '';
  const step: Faulty['step'] = async (words, at) => {
    rmSync(join(dir, 'counts'), { recursive: true, force: true });
    mkdirSync(join(dir, 'counts'));
    for (const file of ['effects', 'plan']) rmSync(join(dir, file), { force: true });
    if (at) writeFileSync(join(dir, 'plan'), `${at.effect.name}\t${at.effect.count}\t${at.fault}\n`);
    const script =
      words === 'stage'
        ? `vz-migrate-step stage --to root@node --state-dir '${stateDir}'${via} <'${dir}/document'`
        : `vz-migrate-step ${words} ${name} --state-dir '${stateDir}'`;
    const { code, stderr, stdout } = await runPipe(script, { env });
    return { code, stderr, stdout, document: undefined, effects: readEffects(join(dir, 'effects')) };
  };
  return { migration, kept, config: readFileSync(configFile, 'utf8'), step };
}

function readEffects(file: string): Effect[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'))
    .map(([name = '', count = '', stream = '']) => ({ name, count: Number(count), isStream: stream !== '' }));
}

/** Names of what is in a directory; it may not be there. */
export function namesIn(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir) : [];
}

import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, VzError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import type { RunResult } from '../../host/run.ts';
import { describeExit, run as runOn } from '../../host/run.ts';
import making from '../../osctl/make-container.sh';
import { recogniseOsctlError } from '../../osctl/osctl-errors.ts';
import { compactScript } from '../../osctl/script.ts';
import type { Run } from '../run.ts';
import { lookCommands } from '../target/look.ts';
import { targetWord } from '../target/shown.ts';
import begin from './node.sh';

/** The container that a script is about. */
export interface Names {
  /** POOL:ID. */
  readonly ct: string;
  readonly dataset: string;
}

/** The root session. Throws a TypeError when there is none: files go no other way. */
export function rootOf({ root }: Run): Host {
  if (!root) throw new TypeError('files need a root session on the new node');
  return root;
}

/** The same for what takes data. */
export function streamsOf({ streams }: Run): Host {
  if (!streams.root) throw new TypeError('files need a root session on the new node');
  return streams.root;
}

/** Of the container that was made. */
export function namesOf({ journal }: Run): Names {
  const { target } = journal.document;
  if (!target) throw new TypeError('there is no target yet');
  return { ct: `${target.pool}:${target.id}`, dataset: target.dataset };
}

/** The command that runs a script of this room; see node.sh. */
export function scriptArgv(
  run: Run,
  kind: 'step' | 'pass',
  script: string,
  { ct, dataset }: Names,
  args: readonly string[] = [],
): string[] {
  const text = compactScript([making, begin, script].join('\n'));
  return ['sh', '-c', text, `vz2osctl-${kind}:${run.journal.document.id}`, ct, dataset, ...args];
}

export interface Step {
  readonly script: string;
  readonly names: Names;
  readonly args?: readonly string[];
  readonly input?: string;
}

/**
 * Runs a script to its end, and gives the lines that it printed. Nothing of ours ends it. Throws VzError: 69 and
 * code TARGET_FAILED when it says that it has failed, 75 while an earlier one goes on, or when its answer was lost.
 */
export async function runStep(run: Run, { script, names, args = [], input }: Step): Promise<string[]> {
  const host = rootOf(run);
  const argv = scriptArgv(run, 'step', script, names, args);
  const result = await runOn(host, argv, input === undefined ? {} : { input });
  const lines = result.stdout.toString().split('\n').filter(Boolean);
  if (result.code === 0) return lines;
  const where = `${host.label}: ${names.ct}`;
  if (lines.includes('busy')) {
    throw new VzError('BUSY', {
      exit: EXIT.tempFail,
      where,
      what: 'what an earlier run has begun there goes on',
      hint: 'run it again when that has ended',
    });
  }
  const failed = lines.find((line) => line.startsWith('failed '))?.slice(7);
  if (failed !== undefined) throw stepFailed(failed, result, lines, where);
  throw new VzError('NO_ANSWER', {
    exit: EXIT.tempFail,
    where,
    what: `its answer was lost: ${describeExit({ ...result, stderr: saidIn(result.stderr) })}`,
    hint: 'run it again, which looks first',
  });
}

/**
 * Does what can be done again, and looks before it acts, until there is an answer. Throws VzError: 69 a failure
 * that is proved (code TARGET_FAILED), or no connection at all (NOT_CONNECTED); 75 before its pool is there (NO_POOL), 76 when
 * nobody knows.
 */
export async function untilAnswered<T>(run: Run, act: () => Promise<T>): Promise<T> {
  let wasConnected = false;
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof VzError) || KNOWN.has(error.code)) throw error;
      wasConnected ||= error.code !== 'NOT_CONNECTED';
      if (tries >= TRIES) throw wasConnected ? unknownOutcome(run, error) : error;
    }
    await sleep(RETRY_MS);
  }
}

function stepFailed(step: string, { stderr }: RunResult, lines: readonly string[], where: string): VzError {
  const said = saidIn(stderr);
  const osctl = recogniseOsctlError(said);
  const left = lines.find((line) => line.startsWith('left '))?.slice(5);
  const reason = osctl?.text ?? (said.split('\n').at(-1) || 'it does not say why');
  return new VzError('TARGET_FAILED', {
    exit: osctl?.exit ?? EXIT.unavailable,
    where,
    what: `${STEPS[step] ?? step}: ${reason}`,
    hint: [osctl?.hint, left && `what was made could not be undone, do it as root there: ${left}`]
      .filter(Boolean)
      .join('; '),
  });
}

/** What was said last before what undoes it, without the marks of the steps. */
export function saidIn(stderr: string): string {
  const [before = ''] = stderr.split('vz2osctl-step undo\n');
  return before
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('vz2osctl-step '))
    .join('\n');
}

function unknownOutcome(run: Run, cause: VzError): VzError {
  const ct = targetWord(run);
  return new VzError('OUTCOME_UNKNOWN', {
    exit: EXIT.unknownOutcome,
    where: `${rootOf(run).label}: ${ct}`,
    what: `nobody knows what was done there: ${cause.message}`,
    hint: `neither side is touched; look first: ${lookCommands(run)}`,
    cause,
  });
}

/** The steps of the scripts, for people. */
const STEPS: Readonly<Record<string, string>> = {
  user: 'osctl user new failed',
  group: 'osctl group new failed',
  new: 'osctl ct new failed',
  config: 'osctl ct config replace failed',
  mount: 'zfs mount failed',
  umount: 'zfs umount failed',
  set: 'zfs set failed',
  show: 'osctl ct show failed',
  state: 'cannot be changed now',
  commit: 'the files could not be put into their place',
  withhold: 'the files could not be taken out of their place',
};
/** It was not done. */
const KNOWN: ReadonlySet<string> = new Set(['TARGET_FAILED', 'NO_POOL']);
const TRIES = 3;
const RETRY_MS = 2000;

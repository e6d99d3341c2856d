import type { FollowUp } from '../documents/follow-up.ts';
import { FEATURE_DEVICES } from '../documents/follow-up.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { quoteArgv } from '../host/quote.ts';
import { describeExit, run } from '../host/run.ts';
import { recogniseOsctlError } from './osctl-errors.ts';
import { recogniseZfsError } from './zfs-errors.ts';

/** The container that follow-ups are for, as the node names it. */
export interface Imported {
  /** POOL:ID. */
  readonly ct: string;
  readonly dataset: string;
}

/** One command on the node, by root. */
export interface FollowUpStep {
  readonly do: FollowUp['do'];
  readonly argv: readonly string[];
}

export interface FollowUpResult {
  readonly do: FollowUp['do'];
  readonly done: boolean;
  /** The line for a shell of root on the node. */
  readonly command: string;
  /** Why it is not done; null: it is, or nobody has tried. */
  readonly error: VzError | null;
}

/**
 * The commands of a document's follow-ups: devices first, the quota last. The document says what, never how. Each
 * thing is done once, and of two quotas the last one counts. Throws VzError (69), with `where` before its text, when what
 * the node calls the container is no POOL:ID or no dataset, since both become words of a command.
 */
export function planFollowUps(
  followUps: readonly FollowUp[],
  { ct, dataset }: Imported,
  where: string,
): FollowUpStep[] {
  if (followUps.length === 0) return [];
  checkName(CONTAINER, ct, 'container', where);
  checkName(DATASET, dataset, 'dataset', where);
  const devices = new Map<string, FollowUpStep>();
  const quotas: FollowUpStep[] = [];
  for (const followUp of followUps) {
    if (followUp.do === 'device') {
      const { type, major, minor, path } = FEATURE_DEVICES[followUp.device];
      const numbers = [type, String(major), String(minor)];
      // -p: the groups above are given it too, without which osctld refuses it.
      const argv = ['osctl', 'ct', 'devices', 'add', '-p', ct, ...numbers, 'rwm', path];
      devices.set(followUp.device, { do: followUp.do, argv });
    } else {
      quotas.push({ do: followUp.do, argv: ['zfs', 'set', `refquota=${followUp.bytes}`, dataset] });
    }
  }
  return [...devices.values(), ...quotas.slice(-1)];
}

/** What is left to somebody who does it by hand. */
export function leaveFollowUps(steps: readonly FollowUpStep[]): FollowUpResult[] {
  return steps.map((step) => ({ do: step.do, done: false, command: quoteArgv(step.argv), error: null }));
}

/**
 * Does what only the node can do after an import; what is there already counts as done. A failure is in the result, and
 * the next step is tried.
 */
export async function applyFollowUps(
  host: Host,
  steps: readonly FollowUpStep[],
  { ct }: Imported,
): Promise<FollowUpResult[]> {
  const results: FollowUpResult[] = [];
  for (const step of steps) {
    const command = quoteArgv(step.argv);
    const failure = await tryOn(host, step.argv);
    const error =
      failure &&
      new VzError('FOLLOW_UP', {
        exit: EXIT.unavailable,
        where: `${host.label}: ${ct} is imported, but ${command}`,
        what: failure.what,
        hint: failure.hint ?? 'run it there as root',
      });
    results.push({ do: step.do, done: error === null, command, error });
  }
  return results;
}

/** The form that the reports have. */
export function followUpRow({ error, ...result }: FollowUpResult): object {
  return { ...result, error: error?.what ?? null };
}

interface Failure {
  readonly what: string;
  readonly hint: string | undefined;
}

/** A lost link is a failure like others: the container is imported, and that must be told. */
async function tryOn(host: Host, argv: readonly string[]): Promise<Failure | null> {
  try {
    const result = await run(host, argv);
    if (result.code === 0) return null;
    const known = argv[0] === 'zfs' ? recogniseZfsError(result.stderr) : recogniseOsctlError(result.stderr);
    if (known?.code === 'DEVICE_EXISTS') return null;
    return { what: describeExit(result), hint: known?.hint };
  } catch (error) {
    if (error instanceof VzError) return { what: error.what, hint: undefined };
    throw error;
  }
}

function checkName(pattern: RegExp, name: string, what: string, where: string): void {
  if (pattern.test(name)) return;
  throw new VzError('OSCTL_ANSWER', {
    exit: EXIT.unavailable,
    where,
    what: `the node names a ${what} ${JSON.stringify(name.slice(0, 80))}, for which no follow-up can be done`,
  });
}

/** As osctld allows them (`L/container.rb`); a pool is named as a dataset is. */
const CONTAINER = /^[A-Za-z0-9_][A-Za-z0-9_.-]*:[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/;
const DATASET = /^[A-Za-z0-9_][A-Za-z0-9_.:/-]*$/;

import type { FollowUp } from '../documents/follow-up.ts';
import { FEATURE_DEVICES } from '../documents/follow-up.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { quoteArgv } from '../host/quote.ts';
import { describeExit, run } from '../host/run.ts';

/** The container that follow-ups are for, as the node names it. */
export interface Imported {
  /** POOL:ID. */
  readonly ct: string;
  readonly dataset: string;
}

export interface FollowUpResult {
  readonly do: FollowUp['do'];
  readonly done: boolean;
  /** The command, to be run by hand when it failed. */
  readonly command: string;
  readonly error: string | null;
}

/** Does what only the node can do after an import. A failure is in the result, and the next one is tried. */
export async function applyFollowUps(
  host: Host,
  followUps: readonly FollowUp[],
  imported: Imported,
): Promise<FollowUpResult[]> {
  const results: FollowUpResult[] = [];
  for (const followUp of followUps) {
    const argv = followUpCommand(followUp, imported);
    const error = await tryOn(host, argv);
    results.push({ do: followUp.do, done: error === null, command: quoteArgv(argv), error });
  }
  return results;
}

/** Why it failed, or null. A lost link is a failure like others: the container is imported, and that must be told. */
async function tryOn(host: Host, argv: readonly string[]): Promise<string | null> {
  try {
    const result = await run(host, argv);
    return result.code === 0 ? null : describeExit(result);
  } catch (error) {
    if (error instanceof VzError) return error.what;
    throw error;
  }
}

/** The command of a follow-up: the document says what, never how. Throws VzError (69) for a dataset that is no name. */
export function followUpCommand(followUp: FollowUp, { ct, dataset }: Imported): string[] {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.:/-]*$/.test(dataset)) {
    throw new VzError('OSCTL_ANSWER', {
      exit: EXIT.unavailable,
      what: `the node names a dataset ${JSON.stringify(dataset)}`,
    });
  }
  switch (followUp.do) {
    case 'refquota':
      return ['zfs', 'set', `refquota=${followUp.bytes}`, dataset];
    case 'device': {
      const { type, major, minor, path } = FEATURE_DEVICES[followUp.device];
      return ['osctl', 'ct', 'devices', 'add', '-p', ct, type, String(major), String(minor), 'rwm', path];
    }
  }
}

import { EXIT, VzError } from '../errors.ts';
import { describeExit } from '../host/run.ts';
import type { ShownContainer } from './node-state.ts';
import { parseShownContainer } from './node-state.ts';
import type { SendOutcome } from './send.ts';

export interface OutcomeNames {
  readonly host: string;
  /** The command that gets a shell there. */
  readonly login: string;
  /** POOL:ID. */
  readonly ct: string;
  readonly id: string;
}

/** osctl refused or failed; what it left must be looked for. `stderr` is what it said. */
export interface ImportFailure {
  readonly stderr: string;
}

/**
 * Judges how an import went: the container that proves it, or the failure of osctl. Throws VzError for all else: 75
 * when the link broke before anything could happen, 74 when the node could not take the archive, 69 when the import
 * went through but something after it did not, and 76 when nobody knows.
 */
export function judgeOutcome(outcome: SendOutcome, names: OutcomeNames): ShownContainer | ImportFailure {
  const { host, login, ct, id } = names;
  const { output, end, complete } = outcome;
  const stages = output.split('\n');
  const fail = (code: string, exit: 69 | 74 | 75 | 76, what: string, hint: string): VzError =>
    new VzError(code, { exit, where: `${host}: ${ct}`, what, hint });
  const look = `look first: ${login} osctl ct show ${ct}`;
  if (!complete) {
    if (!(end instanceof VzError)) throw notTaken(describeExit(end), fail);
    if (end.exit === EXIT.noPermission || outcome.bytes === 0) throw end;
    throw fail('LINK_LOST', EXIT.tempFail, end.what, 'nothing was imported; it can be repeated');
  }
  if (end instanceof VzError) {
    throw fail(
      'OUTCOME_UNKNOWN',
      EXIT.unknownOutcome,
      `${end.what}, after all was sent`,
      `do not repeat, ${look}`,
    );
  }
  if (!stages.includes('received')) throw notTaken(describeExit(end), fail);
  if (!stages.includes('imported')) {
    if (end.code === SCRIPT_FAILED) return { stderr: end.stderr };
    throw fail(
      'OUTCOME_UNKNOWN',
      EXIT.unknownOutcome,
      `the import ${describeExit(end)}`,
      `do not repeat, ${look}`,
    );
  }
  const show = stages.indexOf('show');
  if (show === -1) {
    const command = `${login} osctl ct unset autostart ${ct}`;
    const what = `imported, but it will start at the node's next boot: ${describeExit(end)}`;
    throw fail('AUTOSTART_LEFT', EXIT.unavailable, what, `never run it on both sides: ${command}`);
  }
  if (end.code !== 0) throw fail('NOT_PROVEN', EXIT.unavailable, `osctl ct show ${describeExit(end)}`, look);
  const container = parseShownContainer(stages.slice(show + 1).join('\n'), host);
  if (container.id !== id || container.state !== 'stopped') {
    throw fail('NOT_PROVEN', EXIT.unavailable, `state ${container.state}, expected stopped`, look);
  }
  return container;
}

/** What the import script ends with when the command it was given fails. */
const SCRIPT_FAILED = 69;

function notTaken(
  how: string,
  fail: (code: string, exit: 74, what: string, hint: string) => VzError,
): VzError {
  return fail('NOT_TAKEN', EXIT.io, `the node did not take the archive: ${how}`, 'nothing was imported');
}

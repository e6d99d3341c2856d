import { formatDuration } from '../cli/units.ts';
import type { FailureCode } from '../errors.ts';
import { EXIT, VzError } from '../errors.ts';
import { describeExit } from '../host/run.ts';
import { isDamage } from './direct-errors.ts';
import { SILENCE_SECONDS } from './direct-script.ts';
import type { ShownContainer } from './node-state.ts';
import { parseShownContainer } from './node-state.ts';
import { recogniseOsctlError } from './osctl-errors.ts';
import type { OutcomeNames } from './outcome.ts';
import type { DirectOutcome } from './send-direct.ts';

/**
 * Judges how a direct import went. Throws VzError: our own reason when we gave up, 65 when what the node unpacks is damaged,
 * 69 when the node failed, 75 when the link was lost before the commit, 76 when it was lost in it. All but the last
 * say whether the node has undone it, and if not, the command that does.
 */
export function judgeDirect(outcome: DirectOutcome, names: OutcomeNames): ShownContainer {
  const { end, failure, output } = outcome;
  const where = `${names.host}: ${names.ct}`;
  const lines = output.split('\n');
  if (lines.includes('committed')) return judgeCommitted(outcome, lines, names);
  const undone = describeUndo(lines, names);
  const fail = (code: string, exit: FailureCode, what: string, ...hints: (string | undefined)[]): VzError =>
    new VzError(code, { exit, where, what, hint: hints.filter((hint) => hint !== undefined).join('; ') });
  if (failure instanceof VzError) {
    if (lines.includes('undone') || !lines.includes('begun')) throw failure;
    const { code, exit, message } = failure;
    throw new VzError(code, {
      exit,
      what: message,
      hint: [failure.hint, undone].filter(Boolean).join('; '),
      cause: failure,
    });
  }
  if (failure !== null) throw failure;
  const step = wordBehind(lines, 'failed');
  if (step !== undefined) throw failedStep(step, outcome, undone, fail);
  const lost = describeLoss(end);
  if (lost !== null) {
    if (end instanceof VzError && !outcome.committed && !lines.includes('begun')) throw end;
    if (!outcome.committed)
      throw fail('LINK_LOST', EXIT.tempFail, lost, 'nothing was imported', undone, 'then it can be repeated');
    const hint = `do not repeat, look first: ${names.login} osctl ct show ${names.ct}`;
    throw fail('OUTCOME_UNKNOWN', EXIT.unknownOutcome, `${lost}, after all was sent`, hint);
  }
  if (lines.includes('ended'))
    throw fail('SILENCE', EXIT.tempFail, 'the node heard nothing for too long', undone);
  const what = `the import ${howItEnded(end)}`;
  if (outcome.committed || lines.includes('committing'))
    throw fail(
      'OUTCOME_UNKNOWN',
      EXIT.unknownOutcome,
      what,
      `look first: ${names.login} osctl ct show ${names.ct}`,
    );
  throw fail('IMPORT_FAILED', EXIT.unavailable, what, undone);
}

/** It is imported; only what comes behind may have failed. */
function judgeCommitted(
  { end, said }: DirectOutcome,
  lines: readonly string[],
  { host, login, ct, id }: OutcomeNames,
): ShownContainer {
  const fail = (what: string): VzError =>
    new VzError('NOT_PROVEN', {
      exit: EXIT.unavailable,
      where: `${host}: ${ct} is imported, but`,
      what,
      hint: `look: ${login} osctl ct show ${ct}`,
    });
  const step = [...said.keys()].at(-1) ?? '';
  const show = lines.indexOf('show');
  if (end instanceof VzError || end.code !== 0 || show === -1) {
    const reason = describeLoss(end) ?? said.get(step)?.[0] ?? howItEnded(end);
    throw fail(`${COMMANDS[step] ?? step} failed: ${reason}`);
  }
  const container = parseShownContainer(lines.slice(show + 1).join('\n'), host);
  if (container.id === id && container.state === 'stopped') return container;
  throw fail(`its state is ${container.state}, expected stopped`);
}

type Fail = (code: string, exit: FailureCode, what: string, ...hints: (string | undefined)[]) => VzError;

function failedStep(step: string, { said }: DirectOutcome, undone: string, fail: Fail): VzError {
  const reasons = said.get(step) ?? [];
  const osctl = recogniseOsctlError(reasons.join('\n'));
  const what = `${COMMANDS[step] ?? step} failed: ${osctl?.text ?? reasons[0] ?? 'it does not say why'}`;
  if (osctl) return fail(osctl.code, osctl.exit, what, undone, osctl.hint);
  if (reasons.some(isDamage)) return fail('BAD_ARCHIVE', EXIT.data, what, 'nothing was imported', undone);
  return fail('IMPORT_FAILED', EXIT.unavailable, what, undone);
}

function describeUndo(lines: readonly string[], { ct, login }: OutcomeNames): string {
  if (lines.includes('undone')) return 'nothing is left on the node';
  const left = wordBehind(lines, 'left');
  if (left !== undefined) return `what was made there could not be undone, do it as root there: ${left}`;
  const longest = formatDuration(SILENCE_SECONDS * 1000);
  return `the node undoes by itself what it made, within ${longest}; to look: ${login} osctl ct show ${ct}`;
}

/** How the link was lost; null: the script has ended by itself, which it always does with a code. */
function describeLoss(end: DirectOutcome['end']): string | null {
  if (!(end instanceof VzError) && end.code !== null) return null;
  return howItEnded(end);
}

/** Without the marks that the script puts on stderr. */
function howItEnded(end: DirectOutcome['end']): string {
  const text = end instanceof VzError ? end.what : describeExit(end);
  return text.replace(/: vz2osctl-step \w+$/, '');
}

function wordBehind(lines: readonly string[], word: string): string | undefined {
  return lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1);
}

/** By the steps of `direct.sh`. */
const COMMANDS: Readonly<Record<string, string>> = {
  user: 'osctl user new',
  group: 'osctl group new',
  new: 'osctl ct new',
  config: 'osctl ct config replace',
  mark: 'osctl ct set attr',
  tar: 'tar',
  recv: 'zfs recv',
  check: 'the check before the end',
  prepare: 'the last step before the end',
  commit: 'the commit',
  modes: 'setting the modes of its directories',
  autostart: 'osctl ct set autostart',
  show: 'osctl ct show',
};

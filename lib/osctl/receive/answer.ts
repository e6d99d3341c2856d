import { EXIT, VzError } from '../../errors.ts';
import type { Exit } from '../../host/host.ts';
import { describeExit } from '../../host/run.ts';
import { type ReceiveError, recogniseReceiveError } from './errors.ts';

/**
 * What became of a command of the receive protocol:
 *
 * - `done`: exit 0. `refused`: `Error: TEXT`, which is an answer as well. `usage`: no such command there, nothing was read.
 * - `unsent`: it never came to be run. `unknown`: no answer was heard, and it may have been done.
 */
export type Answer =
  | { readonly kind: 'done'; readonly output: string }
  | { readonly kind: 'refused'; readonly error: ReceiveError }
  | { readonly kind: 'usage' }
  | { readonly kind: 'unsent'; readonly error: VzError }
  | { readonly kind: 'unknown'; readonly what: string };

/** Reads how the command's ssh ended. */
export function readAnswer(end: Exit | VzError, output: string, where: string): Answer {
  if (end instanceof VzError) {
    return isUnsent(end) ? { kind: 'unsent', error: end } : { kind: 'unknown', what: end.what };
  }
  if (end.code === 0) return { kind: 'done', output };
  const error = end.code === 1 ? recogniseReceiveError(end.stderr) : null;
  if (error) return { kind: 'refused', error };
  if (end.code === 1 && /^Usage:/m.test(end.stderr)) return { kind: 'usage' };
  // The trace of a hook that finds no osctld. One that loses it in the middle says EOFError.
  if (/Errno::(ENOENT|ECONNREFUSED)/.test(end.stderr))
    return { kind: 'unsent', error: unsent('OSCTLD_DOWN', EXIT.tempFail, 'osctld is not running', where) };
  // No such command, as a shell has it.
  if (end.code === 126 || end.code === 127)
    return { kind: 'unsent', error: unsent('NO_RECEIVER', EXIT.unavailable, describeExit(end), where) };
  return { kind: 'unknown', what: describeExit(end) };
}

function unsent(code: string, exit: VzError['exit'], what: string, where: string): VzError {
  return new VzError(code, { exit, where, what });
}

/** There was no session: the key was refused, nobody listens, or the client does not do what ssh_config asks for. */
function isUnsent({ exit, code }: VzError): boolean {
  return exit === EXIT.noPermission || UNSENT.has(code);
}

const UNSENT: ReadonlySet<string> = new Set([
  'NOT_CONNECTED',
  'NO_COMMON_ALGORITHM',
  'NO_SESSION',
  'SSH_CONFIG',
  'PROGRAM_MISSING',
]);

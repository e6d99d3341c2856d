import { randomUUID } from 'node:crypto';
import type { Host } from '../host/host.ts';
import { quoteArgv, quoteForShell } from '../host/quote.ts';
import type { RunResult } from '../host/run.ts';
import { run } from '../host/run.ts';
import { UNDO_OF } from './errors.ts';
import type { Guard } from './guard.ts';

export interface Step {
  readonly argv: readonly string[];
  /** A line of sh that undoes it, and succeeds where there is nothing to undo. */
  readonly undo: string;
}

/**
 * Does one thing on the node that the guard undoes at the end, however that comes. The undo is noted first. When we die
 * with the command on its way, the guard waits until it has ended, or sees to it that it never begins: else it would
 * find nothing to undo, and the command would leave something afterwards. So it is never broken off by a signal of ours,
 * either. A bad exit code is no error here. Throws VzError as `Guard.undo` and `run`.
 */
export async function doStep(guard: Guard, host: Host, { argv, undo }: Step): Promise<RunResult> {
  const file = `${guard.stateDir}/step-${randomUUID()}`;
  await guard.undo(`${waitFor(file)} ${undo} ${UNDO_OF}${quoteArgv(argv)}`);
  return run(host, ['sh', '-c', BEGIN, file, ...argv]);
}

/**
 * The file is made by link(2), by the command or by the guard, whoever comes first: with the pid of a shell that stays
 * until the command has ended, or empty. When the link breaks, what the command says is lost, and it does its work all the
 * same: one that died of SIGPIPE half way would leave what no undo knows.
 */
const BEGIN = 'trap "" HUP PIPE; echo $$ >"$0.$$" && ln "$0.$$" "$0" || exit 75; "$@"; exit $?';

function waitFor(file: string): string {
  const own = quoteForShell(`${file}.no`);
  const quoted = quoteArgv([file]);
  return (
    `true 2>/dev/null >${own}; ln ${own} ${quoted} 2>/dev/null || ` +
    `while read -r p <${quoted} && grep -qF ${quoted} "/proc/$p/cmdline" 2>/dev/null; do sleep 1; done;`
  );
}

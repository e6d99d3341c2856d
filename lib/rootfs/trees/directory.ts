import { EXIT, VzError } from '../../errors.ts';
import type { Guard } from '../../guard/guard.ts';
import { doStep } from '../../guard/step.ts';
import type { Host } from '../../host/host.ts';
import { quoteArgv } from '../../host/quote.ts';
import { describeExit } from '../../host/run.ts';

/** Makes a directory to mount at; the guard removes it when nothing is mounted there any more. Throws VzError (73). */
export async function makeDirectory(host: Host, guard: Guard, path: string): Promise<void> {
  const quoted = quoteArgv([path]);
  const exit = await doStep(guard, host, {
    argv: ['mkdir', '-p', '-m', '700', path],
    undo: `! test -d ${quoted} || rmdir ${quoted}`,
  });
  if (exit.code === 0) return;
  throw new VzError('NO_MOUNT_DIRECTORY', {
    exit: EXIT.cantCreate,
    where: host.label,
    what: `mkdir ${path} ${describeExit(exit)}`,
  });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ExitCode } from '../errors.ts';
import { EXIT, VzError } from '../errors.ts';

/**
 * Shows a program's manual with man(1); where there is none, as it was written, in a pager when a person looks. Throws VzError
 * (69) when the manuals are not beside the programs.
 */
export async function showManual(
  name: string,
  stdoutIsTty: boolean,
  env: NodeJS.ProcessEnv,
): Promise<ExitCode> {
  const page = join(dirname(realpathSync(process.argv[1] ?? '')), 'man', `${name}.8`);
  // By path: the one of this version, and not what is installed.
  if (await runs(['man', '-l', page])) return EXIT.ok;
  const text = readPage(`${page}.md`);
  const pager = env['PAGER'] || 'less';
  if (stdoutIsTty && (await runs(['sh', '-c', `${pager} "$1"`, 'sh', `${page}.md`]))) return EXIT.ok;
  process.stdout.write(text);
  return EXIT.ok;
}

/** Runs a program on our own terminal. False: there is none, or it failed. */
async function runs([program = '', ...args]: readonly string[]): Promise<boolean> {
  const child = spawn(program, args, { stdio: ['inherit', 'inherit', 'ignore'] });
  try {
    const [code] = await once(child, 'exit');
    return code === 0;
  } catch {
    return false;
  }
}

function readPage(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new VzError('NO_MANUAL', {
      exit: EXIT.unavailable,
      where: path,
      what: 'the manual is not there',
      hint: 'install the program with its manuals',
      cause,
    });
  }
}

import { access, constants, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { nearest } from '../cli/nearest.ts';
import { formatDuration } from '../cli/units.ts';
import type { VzMigration } from '../documents/documents.ts';
import { EXIT, systemCode, VzError } from '../errors.ts';
import { localHost } from '../host/local.ts';
import { describeExit } from '../host/run.ts';
import type { Run } from './run.ts';

/**
 * Programs of the user, told of the moments at which others must do something: monitoring, DNS, a router.
 *
 * - `before-stop`: nothing was done yet. - `switched`: the source stays down, the target does not run yet.
 * - `started`: the target runs. - `returned`: the source runs again.
 */
export type HookName = (typeof HOOKS)[number];

/**
 * Looks whether all hooks of the directory can be run, which is better known before anything is stopped. undefined: there
 * are none. Throws VzError: 66 no directory, 78 a hook is not executable, or a name is nearly that of a hook.
 */
export async function checkHooks(directory: string | undefined): Promise<void> {
  if (directory === undefined) return;
  const names = await readdir(directory).catch((cause: unknown) => {
    throw new VzError('NO_HOOKS', {
      exit: EXIT.noInput,
      where: directory,
      what: `no directory of hooks (${systemCode(cause) ?? String(cause)})`,
      cause,
    });
  });
  for (const name of names) {
    if (isHook(name)) await findHook(directory, name);
    else {
      const meant = nearest(name, HOOKS);
      if (meant !== undefined) throw refuse(join(directory, name), `is no hook; did you mean ${meant}?`);
    }
  }
}

/**
 * Runs a hook to its end, where there is one, with the document on stdin; what it says goes to stderr. It has 5 minutes.
 * Throws VzError HOOK_FAILED (78); what `run.io.signal` was aborted with.
 */
export async function runHook(run: Run, directory: string | undefined, name: HookName): Promise<void> {
  const path = directory === undefined ? null : await findHook(resolve(directory), name);
  if (path === null) return;
  const { document } = run.journal;
  const failed = await run.journal.effect(`hook ${name}`, () => runToItsEnd(run.io, path, name, document));
  if (failed === null) return;
  throw new VzError('HOOK_FAILED', {
    exit: EXIT.refused,
    where: path,
    what: failed,
    hint: 'run it by hand with a document of vz-migrate-step status on its stdin',
  });
}

/** Why it has failed; null: it has not. */
async function runToItsEnd(
  io: Run['io'],
  path: string,
  name: HookName,
  document: VzMigration,
): Promise<string | null> {
  const patience = AbortSignal.timeout(TIMEOUT_MS);
  // Through sh: env(1) takes a path with `=` for an assignment. And with one pipe for both, so that lines keep their order.
  const settings = [`VZ2OSCTL_STEP=${name}`, `VZ2OSCTL_CTID=${document.ctid}`];
  const child = localHost.spawn(['env', ...settings, 'sh', '-c', 'exec "$0" 2>&1', path], {
    stdin: 'pipe',
    signal: AbortSignal.any([io.signal, patience]),
  });
  child.stdin.end(`${JSON.stringify(document)}\n`);
  createInterface({ input: child.stdout }).on('line', (line) => io.log.info(`hook ${name}: ${line}`));
  const exit = await child.done;
  if (exit.code === 0) return null;
  io.signal.throwIfAborted();
  return patience.aborted ? `has not ended within ${formatDuration(TIMEOUT_MS)}` : describeExit(exit);
}

/** Its path; null: there is none. Throws VzError (78) for one that cannot be run. */
async function findHook(directory: string, name: HookName): Promise<string | null> {
  const path = join(directory, name);
  const status = await stat(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw refuse(path, `cannot be looked at (${systemCode(error) ?? String(error)})`);
  });
  if (status === null) return null;
  if (!status.isFile()) throw refuse(path, 'is no regular file');
  await access(path, constants.X_OK).catch(() => {
    throw refuse(path, 'cannot be run: is it executable?');
  });
  return path;
}

function isHook(name: string): name is HookName {
  return HOOKS.some((hook) => hook === name);
}

function refuse(where: string, what: string): VzError {
  return new VzError('BAD_HOOK', { exit: EXIT.refused, where, what });
}

const HOOKS = ['before-stop', 'switched', 'started', 'returned'] as const;
const TIMEOUT_MS = 5 * 60_000;

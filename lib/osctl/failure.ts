import { EXIT, VzError } from '../errors.ts';
import type { ImportJob, Preflight } from './import-job.ts';
import { findLeftovers, type Look } from './leftovers.ts';
import { inspectNode } from './node-state.ts';
import { type OsctlError, recogniseOsctlError } from './osctl-errors.ts';
import { inspectPool } from './pool-state.ts';

/** After a failed import: what osctl said, what it left, and how that is removed. */
export async function explainFailure(job: ImportJob, before: Preflight, stderr: string): Promise<VzError> {
  const { host, head, options } = job;
  const { id, pool, dataset } = before;
  const said = recogniseOsctlError(stderr);
  const fail = (exit: VzError['exit'], ...hints: (string | undefined)[]): VzError =>
    new VzError(said?.code ?? 'IMPORT_FAILED', {
      exit,
      where: `${host.label}: ${pool.name}:${id}`,
      what: `osctl ct import failed: ${said?.text ?? stderr.trimEnd().split('\n').at(-1) ?? ''}`,
      hint: hints.filter((hint) => hint !== undefined).join('; '),
    });
  // Somebody else has taken the id since we looked. What is there now is theirs, and must not be offered for removal.
  if (said && isTaken(said)) {
    return fail(
      said.exit,
      `${id} is somebody else's since the check; nothing of it is ours to remove`,
      said.hint,
    );
  }
  let after: Look;
  try {
    after = await lookAgain(job, before);
  } catch (error) {
    if (!(error instanceof VzError)) throw error;
    const look = `${job.login} osctl ct show ${pool.name}:${id}`;
    return fail(EXIT.unavailable, `what it left could not be looked at (${error.message}); look: ${look}`);
  }
  const { things, commands } = findLeftovers(before, after, {
    pool,
    id,
    dataset,
    // An existing one is never ours to remove; what osctld makes is named so.
    user: options.asUser === undefined ? (head.document.user?.name ?? id) : null,
    group: options.asGroup === undefined ? head.document.group : null,
  });
  if (things.length === 0) {
    return fail(said?.exit ?? EXIT.unavailable, 'nothing is left on the node', said?.hint);
  }
  const restarts = commands.includes('sv restart osctld');
  return fail(
    EXIT.unavailable,
    `left on the node: ${things.join(', ')}`,
    commands.length > 0 ? `remove it there with: ${commands.join(' && ')}` : undefined,
    restarts ? 'a restart of osctld ends other imports that run' : undefined,
    said?.hint,
  );
}

function isTaken({ code }: OsctlError): boolean {
  return code === 'ID_TAKEN' || code === 'LOCKED';
}

/** Not with the signal of the run: whoever interrupts now still has to know. */
async function lookAgain({ host }: ImportJob, before: Preflight): Promise<Look> {
  const { signal } = new AbortController();
  const { id, pool, dataset, space } = before;
  const node = await inspectNode(host, { ct: `${pool.name}:${id}`, user: null }, signal);
  const question = {
    dataset: pool.dataset,
    containerDataset: dataset,
    spoolDir: space.spoolDir,
    id,
    mark: null,
  };
  return { node, space: await inspectPool(host, question, signal) };
}

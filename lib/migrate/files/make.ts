import { EXIT, VzError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import type { Preflight } from '../../osctl/import-job.ts';
import type { ImportOptions } from '../../osctl/import-options.ts';
import { lookBeforehand, refused } from '../../osctl/look.ts';
import { newConfig, newContainer } from '../../osctl/new-container.ts';
import type { ShownContainer } from '../../osctl/node-state.ts';
import { MADE_ATTRIBUTE, MIGRATION_ATTRIBUTE } from '../attributes.ts';
import type { Run } from '../run.ts';
import { mountpointOf } from '../target/shown.ts';
import script from './make.sh';
import { type Names, rootOf, runStep } from './node-script.ts';
import settle from './settle.sh';

/**
 * Makes the container on the new node, without private/ in its dataset, so that nothing can start there. What a run
 * whose link was lost has made is known by its attribute. Throws VzError: 78 the node refuses, with all its reasons; 69
 * it failed, and was undone; 75 an earlier run still makes it, or the answer was lost: the next run looks.
 */
export async function make(run: Run): Promise<void> {
  const root = rootOf(run);
  const { document } = run.journal;
  const { destination, container } = document;
  // Nothing is known of it yet, and it needs no name.
  await runStep(run, { script: settle, names: { ct: '', dataset: '' } });
  const before = await lookBeforehand({
    ...{ host: root, pool: destination.pool, document: container, options: AS_IN_DOCUMENT },
    ...{ archiveBytes: null, signal: run.io.signal, log: run.io.log },
  });
  const names = { ct: `${before.pool.name}:${before.id}`, dataset: before.dataset };
  if (!isOurs(run, before.node.container)) {
    for (const { text } of before.warnings) run.io.log.warning(text);
    if (before.refusals.length > 0) throw refused(before, root.label, whatNow(run, before, names));
    await run.journal.effect(EFFECT, () => makeOn(run, before, names));
  }
  await noteTarget(run, root, before, names);
}

async function makeOn(run: Run, before: Preflight, names: Names): Promise<void> {
  const { container, id } = run.journal.document;
  const { pool } = before;
  const made = newContainer({ ...before, document: container, options: AS_IN_DOCUMENT });
  const things = [
    ...(made.user === null ? [] : [`user:${made.user}`]),
    ...made.groups.map((name) => `group:${name}`),
  ];
  const attributes = {
    [MIGRATION_ATTRIBUTE]: id,
    ...(things.length > 0 ? { [MADE_ATTRIBUTE]: things.join(' ') } : {}),
  };
  const config = newConfig(container, attributes).trimEnd();
  const user = made.user === null ? '' : `${pool.name}:${made.user}`;
  const args = [
    made.makeUser,
    user,
    made.groups.join(' '),
    made.makeContainer,
    String(Buffer.byteLength(config)),
  ];
  await runStep(run, { script, names, args, input: config });
}

/** Asked anew: the dataset is where osctld says, whoever has made it. */
async function noteTarget(run: Run, root: Host, { id, pool }: Preflight, names: Names): Promise<void> {
  const { dataset } = names;
  const mountpoint = await mountpointOf(root, dataset);
  if (!mountpoint.startsWith('/')) {
    throw new VzError('NO_MOUNTPOINT', {
      exit: EXIT.unavailable,
      where: `${root.label}: ${names.ct}`,
      what: `its dataset ${dataset} has no mountpoint (${mountpoint})`,
    });
  }
  const target = { id, pool: pool.name, dataset, token: null, protocol: null, mountpoint, maps: null };
  await run.journal.save({ step: 'staged', target });
}

function isOurs(run: Run, container: ShownContainer | null): boolean {
  return container?.[MIGRATION_ATTRIBUTE] === run.journal.document.id;
}

/** A node that died between two steps leaves a container that nobody can tell from somebody else's. */
function whatNow(run: Run, { node }: Preflight, { ct }: Names): string {
  if (!node.container || run.journal.document.doing?.effect !== EFFECT) return 'nothing was made';
  return `it may be what this migration began to make; look: ${run.login} osctl ct show ${ct}, and if so, remove it there: osctl ct del ${ct}`;
}

const EFFECT = 'osctl ct new';
/** The document has decided all of it. */
export const AS_IN_DOCUMENT: ImportOptions = {
  asId: undefined,
  asUser: undefined,
  asGroup: undefined,
  dataset: undefined,
  missingDevices: undefined,
  spoolDir: undefined,
  autostart: false,
  apply: false,
  guestFix: null,
  direct: true,
};

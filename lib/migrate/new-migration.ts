import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { OsctlContainer, VzMigration } from '../documents/documents.ts';
import { EXIT, VzError } from '../errors.ts';
import { parseDestination } from '../osctl/destination.ts';
import { readSshFlags } from '../ssh/flags.ts';
import { describe } from './describe.ts';

type Destination = VzMigration['destination'];

/** The user that the receive protocol is spoken to, and who can do nothing else. */
export const RECEIVE_USER = 'osctl-ct-receive';

/** `--to` and what goes with it; undefined: not given. Throws VzError (64). */
export function readDestination(flags: Flags, env: NodeJS.ProcessEnv): Destination | undefined {
  const to = flags.text('to');
  if (to === undefined) return undefined;
  const { host, pool } = parseDestination(to, readSshFlags(flags, { travels: true, env }));
  const { hostKeyChecking: _, ...reference } = host;
  const rootSession = host.user !== RECEIVE_USER;
  const via = flags.text('via') === 'receive' || !rootSession ? 'receive' : 'root';
  if (flags.text('via') === 'root' && !rootSession)
    throw usage(`--via root: ${RECEIVE_USER} cannot do that`, 'name the user that is root: --to root@HOST');
  const start = flags.text('start') === 'manual' ? 'manual' : 'auto';
  return { host: { ...reference, options: [...reference.options] }, pool, via, rootSession, start };
}

/** The document of a migration that nothing was done for yet. */
export function newMigration(container: OsctlContainer, destination: Destination): VzMigration {
  return {
    kind: 'vz-migration',
    schema: 1,
    ctid: container.ctid,
    id: randomUUID(),
    revision: 0,
    step: 'staging',
    doing: null,
    container,
    destination,
    target: null,
    source: { wasRunning: null, onboot: null, disabled: null, snapshots: [] },
    sync: { passes: [], datasets: [] },
    transfer: null,
  };
}

/**
 * A migration is begun again where it was broken off, and not as another one. Throws VzError (78) when it goes to another
 * node, or another container would come of it. undefined: not said this time.
 */
export function requireSame(
  stored: VzMigration,
  destination: Destination | undefined,
  container: OsctlContainer | undefined,
): void {
  const differs =
    destination !== undefined && !isDeepStrictEqual(destination, stored.destination)
      ? 'to another node, or in another way'
      : container !== undefined && !isDeepStrictEqual(decided(container), decided(stored.container))
        ? 'with other settings'
        : null;
  if (differs === null) return;
  throw new VzError('ALREADY_STAGED', {
    exit: EXIT.refused,
    where: `ct ${stored.ctid}`,
    what: `a migration of it is under way, ${differs}`,
    hint: `cancel that one first, or go on with it: ${describe(stored)}`,
  });
}

/** What the target is made of. What was seen of the source differs from hour to hour. */
function decided({ id, config, user, group, followUps, source }: OsctlContainer): object {
  const { layout, dataset, subdir, privatePath } = source;
  return { id, config, user, group, followUps, layout, dataset, subdir, privatePath };
}

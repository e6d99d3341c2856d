import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { OsctlContainer, VzMigration } from '../documents/documents.ts';
import { EXIT, VzError } from '../errors.ts';
import { refuseOffline } from '../export/refuse-offline.ts';
import { parseDestination } from '../osctl/destination.ts';
import { readSshFlags } from '../ssh/flags.ts';
import { describe } from './describe.ts';
import { isSentAsStreams } from './ways.ts';

type Destination = VzMigration['destination'];

/** What the command line says; undefined: by the container. */
export type WantedDestination = Omit<Destination, 'via'> & { readonly via: Destination['via'] | undefined };

/** The user that the receive protocol is spoken to, and who can do nothing else. */
export const RECEIVE_USER = 'osctl-ct-receive';

/** `--to` and what goes with it; undefined: not given. Throws VzError (64). */
export function readDestination(flags: Flags, env: NodeJS.ProcessEnv): WantedDestination | undefined {
  const to = flags.text('to');
  if (to === undefined) return undefined;
  const { host, pool } = parseDestination(to, readSshFlags(flags, { travels: true, env }));
  const { hostKeyChecking: _, ...reference } = host;
  const rootSession = host.user !== RECEIVE_USER;
  const word = flags.text('via');
  const via = word === 'receive' || word === 'root' ? word : undefined;
  if (via === 'root' && !rootSession)
    throw usage(`--via root: ${RECEIVE_USER} cannot do that`, 'name the user that is root: --to root@HOST');
  const start = flags.text('start') === 'manual' ? 'manual' : 'auto';
  return { host: { ...reference, options: [...reference.options] }, pool, via, rootSession, start };
}

/** The document of a migration that nothing was done for yet. Throws VzError (78) for a container that no node runs. */
export function newMigration(container: OsctlContainer, wanted: WantedDestination): VzMigration {
  refuseOffline(container, 'there is nothing to stop, or to go back to');
  return {
    kind: 'vz-migration',
    schema: 1,
    ctid: container.ctid,
    id: randomUUID(),
    revision: 0,
    step: 'staging',
    doing: null,
    container,
    destination: settle(container, wanted),
    target: null,
    source: { wasRunning: null, onboot: null, disabled: null, snapshots: [] },
    sync: { passes: [], datasets: [] },
    transfer: null,
  };
}

/**
 * Send streams go over the receive protocol, where nobody on the way has to be root; files can only go by root. Throws
 * VzError (64) for files over the receive protocol.
 */
function settle(container: OsctlContainer, wanted: WantedDestination): Destination {
  if (isSentAsStreams(container)) return { ...wanted, via: wanted.via ?? 'receive' };
  if (wanted.via !== 'receive') return { ...wanted, via: 'root' };
  throw usage('--via receive: only a container in private/ of a ZFS dataset goes so', 'files go by root');
}

/**
 * A migration is begun again where it was broken off, and not as another one. Throws VzError (78) when it goes to another
 * node, or another container would come of it. undefined: not said this time.
 */
export function requireSame(
  stored: VzMigration,
  wanted: WantedDestination | undefined,
  container: OsctlContainer | undefined,
): void {
  const differs =
    wanted !== undefined && !isDeepStrictEqual(settle(stored.container, wanted), stored.destination)
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

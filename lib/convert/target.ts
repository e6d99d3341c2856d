import type { OsctlContainer } from '../documents/osctl-container.ts';
import type { HostReference } from '../documents/source.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Context } from './context.ts';

/** The container's id on the target. */
export function targetId({ config, options }: Pick<Context, 'config' | 'options'>): string {
  return options.id ?? config.ctid;
}

/**
 * Id, user and group on the target. Null for both lets osctld make a user with an id block of its own. Throws VzError
 * (64) for a clone with the id of its original.
 */
export function convertTarget({
  config,
  options,
  ledger,
}: Context): Pick<OsctlContainer, 'id' | 'user' | 'group'> {
  const id = targetId({ config, options });
  if (options.clone && id === config.ctid) {
    throw new VzError('CLONE_ID', {
      exit: EXIT.usage,
      where: `ct ${config.ctid}`,
      what: '--clone: --as-id is the id of the original',
      hint: 'the copy needs another one',
    });
  }
  const user = options.user && {
    name: options.user.name,
    uidMap: [...options.user.uidMap],
    gidMap: [...options.user.uidMap],
  };
  // osctld names such a user like the container, by narrower rules: 31 characters less the pool's name, lower case.
  if (!user && (id.length > SAFE_USER_LENGTH || /[A-Z]/.test(id))) {
    ledger.warn(
      'ID_NO_USER',
      `osctld cannot name a user after the id ${id} (lower case, short): the import may fail; give --user and --uid-map`,
    );
  }
  return { id, user, group: options.group };
}

/** Where the container came from, as an attribute that `ct show` prints: `root@vz6:101`, or `101` of this machine. */
export function provenance(host: HostReference | null, ctid: string): Record<string, string> {
  const user = host?.user ? `${host.user}@` : '';
  return { 'vz2osctl:source': host ? `${user}${host.name}:${ctid}` : ctid };
}

/** Leaves eight characters for the name of the pool. */
const SAFE_USER_LENGTH = 23;

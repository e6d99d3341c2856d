import { existsSync, statSync } from 'node:fs';
import type { SshTarget } from '../documents/source.ts';
import { EXIT, VzError } from '../errors.ts';
import { builtinHost } from './builtin/host.ts';
import type { Host } from './host.ts';
import { localHost } from './local.ts';
import { openSshHost } from './openssh.ts';
import { plainCommand } from './remote.ts';

/**
 * The only place that chooses between kinds of hosts. null is this machine. `warn` gets what people must know though all
 * goes well: a host key that was added, a client that is slow. `looks` is for many small commands that change nothing: its signal ends
 * them, and they make one connection, as they always do with the built-in client. What streams data or stops a container has a connection of its own, which ends with it.
 */
export function openHost(target: SshTarget | null, warn: (line: string) => void, looks?: AbortSignal): Host {
  if (target === null) return localHost;
  refuseSpecialIdentity(target);
  return target.client === 'openssh' ? openSshHost(target, warn, looks) : builtinHost(target, warn, looks);
}

/**
 * A machine whose key runs one command there, whatever is asked for: the words of an argv go as they are, and nothing but
 * `spawn` is of use. See `plainCommand`; `looks` as for `openHost`.
 */
export function openForcedHost(target: SshTarget, warn: (line: string) => void, looks?: AbortSignal): Host {
  refuseSpecialIdentity(target);
  const open = target.client === 'openssh' ? openSshHost : builtinHost;
  return open(target, warn, looks, plainCommand);
}

/** A document from anyone may name any path, and ssh would wait for a pipe, and read a device, for ever. */
function refuseSpecialIdentity({ identity, name }: SshTarget): void {
  if (identity === null || !existsSync(identity) || statSync(identity).isFile()) return;
  throw new VzError('NO_KEY', {
    exit: EXIT.noPermission,
    where: name,
    what: `the key ${identity} is no regular file`,
  });
}

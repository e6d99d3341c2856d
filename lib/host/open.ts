import type { SshTarget } from '../documents/source.ts';
import { builtinHost } from './builtin/host.ts';
import type { Host } from './host.ts';
import { localHost } from './local.ts';
import { openSshHost } from './openssh.ts';

/**
 * The only place that chooses between kinds of hosts. null is this machine. `warn` gets what people must know though all
 * goes well: a host key that was added, a client that is slow. `share` is for many small commands: they make one connection, as they always do
 * with the built-in client. What streams data or stops a container has a connection of its own, which ends with it.
 */
export function openHost(target: SshTarget | null, warn: (line: string) => void, share = false): Host {
  if (target === null) return localHost;
  return target.client === 'openssh' ? openSshHost(target, warn, share) : builtinHost(target, warn);
}

import type { SshTarget } from '../documents/source.ts';
import { builtinHost } from './builtin/host.ts';
import type { Host } from './host.ts';
import { localHost } from './local.ts';
import { openSshHost } from './openssh.ts';

/**
 * The only place that chooses between kinds of hosts. null is this machine. `warn` gets what people must know though all
 * goes well: a host key that was added, a client that is slow.
 */
export function openHost(target: SshTarget | null, warn: (line: string) => void): Host {
  if (target === null) return localHost;
  return target.client === 'openssh' ? openSshHost(target, warn) : builtinHost(target, warn);
}

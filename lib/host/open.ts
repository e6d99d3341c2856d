import type { SshTarget } from '../documents/source.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from './host.ts';
import { localHost } from './local.ts';
import { openSshHost } from './openssh.ts';

/** The only place that chooses between kinds of hosts. null is this machine. */
export function openHost(reference: SshTarget | null): Host {
  if (reference === null) return localHost;
  if (reference.client === 'openssh') return openSshHost(reference);
  throw new VzError('NO_CLIENT', {
    exit: EXIT.unavailable,
    where: reference.name,
    what: 'this version has no built-in ssh client',
    hint: 'install ssh',
  });
}

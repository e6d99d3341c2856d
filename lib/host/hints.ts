import type { SshTarget } from '../documents/source.ts';
import { sshLogin } from './ssh-arguments.ts';

/** What both ssh clients tell people to do. */
export const KEY_CHANGED_HINT =
  'the host key has CHANGED since known_hosts was written: was the node reinstalled, or does another machine answer? Only when you know: ssh-keygen -R, then add the new key';

export const KEY_REVOKED_HINT =
  'the key is in wrong hands: do not connect; whoever runs the node must make another';

export const LEGACY_HINT = 'an old node? --legacy lets its algorithms in';

export function keyUnknownHint(target: SshTarget): string {
  return `check the key's fingerprint, then use --host-key-checking accept-new or add it to known_hosts: ${sshLogin(target)}`;
}

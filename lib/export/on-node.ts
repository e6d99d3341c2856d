import type { SshTarget } from '../documents/source.ts';
import { quoteForShell } from '../host/quote.ts';
import { sshLogin } from '../host/ssh-arguments.ts';

/**
 * Makes of a line of sh for a container's node one to paste here. null: the node is this machine. `-n`: ssh would read the
 * lines behind it, which are pasted as well.
 */
export function onNode(reference: SshTarget | null): (line: string) => string {
  return reference === null
    ? (line) => line
    : (line) => `${sshLogin(reference, ['-n'])} ${quoteForShell(line)}`;
}

import type { FlagSpec } from '../spec.ts';

/** How another machine is reached, for every program that is told the name of one. */
export const SSH_FLAGS: readonly FlagSpec[] = [
  {
    name: 'ssh',
    value: 'CLIENT',
    choices: ['openssh', 'builtin'],
    help: "the ssh of this machine, or the programs' own (openssh where there is one)",
  },
  { name: 'ssh-option', value: 'OPTION', repeatable: true, help: 'ssh -o, e.g. Port=2222' },
  { name: 'identity', value: 'FILE', help: 'ssh key' },
  { name: 'legacy', help: 'let the algorithms of old nodes in (ssh-rsa, SHA-1, CBC)' },
  {
    name: 'host-key-checking',
    value: 'HOW',
    choices: ['yes', 'accept-new'],
    help: 'accept-new: add the key of a host that is not known yet (yes)',
  },
];

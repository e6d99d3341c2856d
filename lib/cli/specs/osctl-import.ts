import type { CommandSpec } from '../spec.ts';
import { SSH_FLAGS } from './ssh.ts';

export const osctlImport: CommandSpec = {
  name: 'osctl-import',
  summary: 'import an archive on a vpsAdminOS node',
  usage: [
    '[OPTIONS] [USER@]HOST[:POOL] < archive',
    '-n [USER@]HOST[:POOL] < document',
    '--print-command [HOST[:POOL]]',
  ],
  flags: [
    { name: 'dry-run', short: 'n', help: 'only check the node, for an archive or a document' },
    { name: 'as-id', value: 'ID', help: 'another id than the archive names' },
    { name: 'as-user', value: 'USER', help: 'an existing user of the node' },
    { name: 'as-group', value: 'GROUP', help: 'an existing group of the node, e.g. /default' },
    { name: 'dataset', value: 'DATASET', help: 'instead of POOL/ct/ID' },
    {
      name: 'missing-devices',
      value: 'WHAT',
      choices: ['check', 'provide', 'remove'],
      help: 'devices that the group does not have',
    },
    { name: 'spool-dir', value: 'DIR', help: 'where the node keeps the archive meanwhile (a disk)' },
    { name: 'direct', help: 'keep nothing there: make the container, and unpack as it flows' },
    {
      name: 'ignore',
      value: 'CODE',
      repeatable: true,
      help: 'import though the document has this blocker (see vz-to-osctl)',
    },
    { name: 'apply', help: 'also do the follow-ups, such as the quota (else they are printed)' },
    {
      name: 'guest-fix',
      value: 'auto|none|ID,...',
      help: 'make the guest ready, as vz-guest-fix does (none)',
    },
    { name: 'autostart', help: "let it start at the node's next boot (never while the source may)" },
    { name: 'print-command', help: 'print the command that imports by hand, for ssh' },
    ...SSH_FLAGS,
  ],
  operands: { min: 0, max: 1, are: { '': ['host'] } },
  examples: [
    'osctl-import root@node < ct-101.tar',
    '... | osctl-bundle | ssh root@node "$(osctl-import --print-command)"',
  ],
};

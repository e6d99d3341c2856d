import type { CommandSpec } from '../spec.ts';

export const vzGuestFix: CommandSpec = {
  name: 'vz-guest-fix',
  summary: 'write a script that makes a guest ready for vpsAdminOS',
  usage: ['[OPTION]... < OSCTL-CONTAINER > SCRIPT', '--undo > SCRIPT', '--list [< OSCTL-CONTAINER]'],
  operands: { min: 0, max: 0 },
  flags: [
    { name: 'list', help: 'show the fixes, for this guest or all, instead' },
    { name: 'only', value: 'ID[,ID]...', help: 'these fixes, whatever the distribution' },
    { name: 'skip', value: 'ID[,ID]...', help: 'all but these, which are reported as skipped' },
    { name: 'undo', help: 'write the script that takes everything back' },
  ],
  examples: [
    'vz-guest-fix < 101.json | ssh root@node osctl ct runscript -r 101 -',
    'vz-guest-fix --skip mtab < 101.json > fix.sh && sh fix.sh /tank/ct/101/private',
  ],
};

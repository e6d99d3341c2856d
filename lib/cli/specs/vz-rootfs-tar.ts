import type { CommandSpec } from '../spec.ts';

export const vzRootfsTar: CommandSpec = {
  name: 'vz-rootfs-tar',
  summary: "pack a container's root filesystem into a bundle stream",
  usage: ['[OPTIONS] < osctl-container.json > bundle'],
  flags: [
    {
      name: 'consistent',
      negatable: true,
      help: 'stop a running container for the copy or a snapshot (default); no: pack it as it runs',
    },
    {
      name: 'ploop-snapshot',
      negatable: true,
      help: 'read a running ploop container from a snapshot (default where vzctl can); no: keep it down for the copy',
    },
    {
      name: 'max-downtime',
      value: 'DURATION',
      help: 'refuse, and start again, rather than be down for longer',
    },
    {
      name: 'stall',
      value: 'DURATION',
      help: 'give up when the reader takes nothing for so long while down (60s)',
    },
    { name: 'wait', value: 'DURATION', help: "wait so long for vzctl's lock (0s)" },
    {
      name: 'compression',
      value: 'HOW',
      choices: ['auto', 'off', 'gzip'],
      help: 'off is gzip level 0; auto and gzip: the fastest gzip there is',
    },
    {
      name: 'compress-at',
      value: 'WHERE',
      choices: ['auto', 'source', 'here'],
      help: "on the container's node, or on this machine; auto: where gzip is fast",
    },
    { name: 'level', value: 'N', help: 'gzip level 0 to 9 (1)' },
    {
      name: 'exclude',
      value: 'PATTERN',
      repeatable: true,
      help: 'leave out paths below the root; * matches / too',
    },
    { name: 'raw', help: 'write the bare .tar.gz instead of a bundle stream' },
    { name: 'dry-run', short: 'n', help: 'print what would be run, with the downtime; stop nothing' },
  ],
  operands: { min: 0, max: 0 },
  examples: [
    'vz-parse-config 101 | vz-to-osctl | vz-rootfs-tar | osctl-bundle > ct-101.tar',
    'vz-parse-config 101 | vz-to-osctl | vz-rootfs-tar -n',
  ],
};

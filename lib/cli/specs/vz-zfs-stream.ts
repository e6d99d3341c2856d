import type { CommandSpec } from '../spec.ts';

export const vzZfsStream: CommandSpec = {
  name: 'vz-zfs-stream',
  summary: "send a container's ZFS datasets as a bundle stream",
  usage: [
    '[OPTIONS] < osctl-container.json > bundle',
    '--raw --dataset DATASET --snapshot NAME [--from NAME] > stream',
    '--verify [--raw] < stream',
  ],
  flags: [
    {
      name: 'consistent',
      negatable: true,
      help: 'stop a running container for a last snapshot (default); no: what it was while it ran',
    },
    {
      name: 'max-downtime',
      value: 'DURATION',
      help: 'refuse, and start again, rather than be down for longer',
    },
    {
      name: 'stall',
      value: 'DURATION',
      help: 'give up when the reader takes nothing for so long (no limit)',
    },
    { name: 'wait', value: 'DURATION', help: "wait so long for vzctl's lock (0s)" },
    {
      name: 'compression',
      value: 'HOW',
      choices: ['auto', 'off', 'gzip'],
      help: 'auto: gzip, unless blocks are sent compressed as they lie on the disk',
    },
    { name: 'level', value: 'N', help: 'gzip level 1 to 9 (1)' },
    { name: 'dry-run', short: 'n', help: 'print what would be run, with the downtime; stop nothing' },
    { name: 'verify', help: 'check the send stream on stdin, print a summary as JSON' },
    { name: 'raw', help: 'one bare stream; with --verify: pass the data on, the summary on stderr' },
    { name: 'dataset', value: 'DATASET', help: 'with --raw: the dataset, on this machine' },
    { name: 'snapshot', value: 'NAME', help: 'with --raw: its snapshot, which exists' },
    { name: 'from', value: 'NAME', help: 'with --raw: an earlier snapshot; only the changes since are sent' },
  ],
  operands: { min: 0, max: 0 },
  examples: [
    'vz-parse-config 101 | vz-to-osctl | vz-zfs-stream | osctl-bundle > ct-101.tar',
    'vz-zfs-stream --verify < 101.zstream | jq .snapshots',
  ],
};

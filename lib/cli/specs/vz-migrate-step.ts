import type { CommandSpec } from '../spec.ts';
import { SSH_FLAGS } from './ssh.ts';

export const vzMigrateStep: CommandSpec = {
  name: 'vz-migrate-step',
  summary: 'move a container to a vpsAdminOS node step by step',
  usage: [
    'stage [OPTION]... --to [USER@]HOST[:POOL] < OSCTL-CONTAINER',
    'sync|transfer|cleanup|rollback|cancel [OPTION]... [CT]',
    'now [OPTION]... --to [USER@]HOST[:POOL] [CT]',
    'status [--all] [CT]',
  ],
  operands: {
    min: 0,
    max: 2,
    are: {
      stage: ['container'],
      sync: ['container'],
      transfer: ['container'],
      cleanup: ['container'],
      rollback: ['container'],
      cancel: ['container'],
      now: ['container'],
      status: ['container'],
    },
  },
  flags: [
    { name: 'to', value: '[USER@]HOST[:POOL]', help: 'stage, now: the new node' },
    {
      name: 'via',
      value: 'WAY',
      choices: ['receive', 'root'],
      help: 'stage, now: ZFS streams to osctl-ct-receive (default), or all by root',
    },
    { name: 'passphrase-file', value: 'FILE', help: 'holds the passphrase of the receive key' },
    {
      name: 'start',
      value: 'WHO',
      choices: ['auto', 'manual'],
      help: 'stage, now: who starts it on the new node (auto)',
    },
    { name: 'conf-dir', value: 'DIR', help: 'stage, now: where the config of CT is (/etc/vz/conf)' },
    { name: 'state-dir', value: 'DIR', help: 'where migrations are kept (/var/lib/vz2osctl)' },
    { name: 'max-downtime', value: 'DURATION', help: 'do not stop it when it would be down for longer' },
    { name: 'bwlimit', value: 'RATE', help: 'bytes a second while it runs, e.g. 40M' },
    { name: 'hooks', value: 'DIR', help: 'programs to run: before-stop, switched, started, returned' },
    {
      name: 'guest-fix',
      value: 'auto|none|ID,...',
      help: 'transfer, now: vz-guest-fix before the start (auto)',
    },
    { name: 'wait', value: 'DURATION', help: 'wait so long for locks (0s)' },
    { name: 'accept-drift', help: 'transfer, now: though its config has changed since stage' },
    {
      name: 'ignore',
      value: 'CODE',
      repeatable: true,
      help: 'stage, transfer, now: though it has this blocker',
    },
    { name: 'delete', help: 'cleanup: the old container as well' },
    { name: 'confirm', value: 'ID', help: 'with --delete: its id, instead of the question' },
    { name: 'force', help: 'cancel: though the new node does not answer' },
    { name: 'drop-changes', help: 'rollback: lose what has changed on the new node' },
    { name: 'yes', help: 'now: without a question' },
    { name: 'dry-run', short: 'n', help: 'print what would be done' },
    { name: 'all', help: 'status: of all migrations' },
    { name: 'schema', help: 'print the JSON Schema of vz-migration' },
    ...SSH_FLAGS,
  ],
  examples: [
    'vz-parse-config root@vz6:101 | vz-to-osctl | vz-migrate-step stage --to root@node',
    'vz-migrate-step transfer root@vz6:101 --max-downtime 5m',
  ],
};

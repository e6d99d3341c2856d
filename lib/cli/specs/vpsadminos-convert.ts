import type { CommandSpec, FlagSpec } from '../spec.ts';
import { osctlBundle } from './osctl-bundle.ts';
import { vzMigrateStep } from './vz-migrate-step.ts';
import { vzParseConfig } from './vz-parse-config.ts';
import { vzRootfsTar } from './vz-rootfs-tar.ts';
import { vzToOsctl } from './vz-to-osctl.ts';
import { vzZfsStream } from './vz-zfs-stream.ts';

/** A flag of vz-to-osctl, as it stands in its table. */
function decided(name: string): FlagSpec {
  const flag = vzToOsctl.flags.find((one) => one.name === name);
  if (!flag) throw new TypeError(`vz-to-osctl has no --${name}`);
  return flag;
}

/** The command line of the converter of vpsAdminOS: its commands, flags and defaults. */
export const vpsadminosConvert: CommandSpec = {
  name: 'vpsadminos-convert',
  summary: 'export or migrate an OpenVZ container in one command',
  usage: [
    'vz6 export [OPTION]... CT FILE',
    'vz6 migrate stage [OPTION]... CT HOST',
    'vz6 migrate sync|transfer|cleanup|cancel [OPTION]... CT',
    'vz6 migrate now [OPTION]... CT HOST',
    'man',
  ],
  operands: {
    min: 0,
    max: 5,
    are: {
      'vz6 export': ['container', 'file'],
      'vz6 migrate stage': ['container', 'host'],
      'vz6 migrate sync': ['container'],
      'vz6 migrate transfer': ['container'],
      'vz6 migrate cleanup': ['container'],
      'vz6 migrate cancel': ['container'],
      'vz6 migrate now': ['container', 'host'],
      man: [],
    },
  },
  flags: [
    {
      name: 'consistent',
      negatable: true,
      help: 'export: stop a running container for the copy or a snapshot (default)',
    },
    {
      name: 'compression',
      short: 'c',
      value: 'HOW',
      choices: ['auto', 'off', 'gzip'],
      help: 'export: of the data (gzip)',
    },
    {
      name: 'zfs',
      negatable: true,
      help: 'send the ZFS dataset that the container lies in; default: its files',
    },
    ...['zfs-dataset', 'zfs-subdir', 'zfs-compressed-send', 'vpsadmin'].map(decided),
    ...['netif-type', 'netif-name', 'netif-hwaddr', 'bridge-link', 'route-via'].map(decided),
    { name: 'port', short: 'p', value: 'PORT', help: 'stage, now: SSH port of HOST (22)' },
    {
      name: 'delete',
      short: 'd',
      negatable: true,
      help: 'cleanup, now: delete the old container (default: keep it)',
    },
    { name: 'force', short: 'f', help: 'cancel: though the new node does not answer' },
    { name: 'proceed', short: 'y', negatable: true, help: 'now: without a question' },
  ],
  alsoOf: [
    { program: vzParseConfig, except: ['all', 'probe', 'ctid', 'pretty', 'schema'] },
    { program: vzToOsctl, except: ['node', 'pretty', 'schema'] },
    { program: vzRootfsTar, except: ['raw'] },
    { program: vzZfsStream, except: ['raw', 'verify', 'dataset', 'snapshot', 'from'] },
    { program: osctlBundle, except: ['output', 'skel', 'container', 'payload', 'verify'] },
    { program: vzMigrateStep, except: ['to', 'all', 'schema', 'drop-changes'] },
  ],
  examples: [
    'vpsadminos-convert vz6 export 101 ct-101.tar',
    'vpsadminos-convert vz6 migrate now root@vz6:101 node',
  ],
};

import type { CommandSpec } from '../spec.ts';
import { SSH_FLAGS } from './ssh.ts';

export const vzParseConfig: CommandSpec = {
  name: 'vz-parse-config',
  summary: 'read the configuration of OpenVZ containers into documents',
  usage: [
    '[OPTION]... [CT|FILE|-|dir:PREFIX:CT|vzdump:FILE]... > VZ-CONFIG',
    '[OPTION]... --all [HOST]... > VZ-CONFIG',
    '[OPTION]... --probe [HOST]...',
  ],
  operands: { min: 0, max: 1_000_000, are: { '': ['container'] } },
  flags: [
    { name: 'all', help: 'all containers of this machine, or of each HOST' },
    { name: 'probe', help: 'print what this machine, or each HOST, has and can do, as JSON' },
    { name: 'ctid', value: 'ID', help: 'the id, for stdin or a file not named ID.conf' },
    { name: 'conf-dir', value: 'DIR', help: 'where the configs are (/etc/vz/conf)' },
    {
      name: 'facts',
      choices: ['none', 'fast', 'deep'],
      value: 'LEVEL',
      help: 'what to look up (fast; none for files and stdin)',
    },
    ...SSH_FLAGS,
    { name: 'strict', help: 'a line that vzctl would not take is an error' },
    { name: 'pretty', help: 'indent the documents' },
    { name: 'schema', help: 'print the JSON Schema of vz-config' },
  ],
  examples: [
    'vz-parse-config 101 | vz-to-osctl | vz-rootfs-tar | osctl-bundle > ct-101.tar',
    'vz-parse-config --all root@vz6',
  ],
};

import type { CommandSpec } from '../spec.ts';
import { SSH_FLAGS } from './ssh.ts';

export const osctlProbe: CommandSpec = {
  name: 'osctl-probe',
  summary: 'tell what a vpsAdminOS node is and what is taken on it',
  usage: ['[OPTION]... [USER@]HOST[:POOL] > VPSADMINOS-NODE'],
  operands: { min: 0, max: 1 },
  flags: [
    { name: 'pretty', help: 'indented JSON' },
    { name: 'schema', help: 'print the JSON Schema of vpsadminos-node' },
    ...SSH_FLAGS,
  ],
  examples: [
    'osctl-probe root@node > node.json',
    'vz-parse-config --all root@vz6 | vz-to-osctl --node node.json | vz-report',
  ],
};

import type { CommandSpec } from '../spec.ts';

export const vzReport: CommandSpec = {
  name: 'vz-report',
  summary: 'show what OpenVZ containers would lose on vpsAdminOS',
  usage: ['[OPTION]... < OSCTL-CONTAINER > REPORT'],
  operands: { min: 0, max: 0 },
  flags: [
    {
      name: 'by',
      choices: ['container', 'loss', 'node'],
      value: 'VIEW',
      help: 'what the rows are (container)',
    },
    {
      name: 'format',
      choices: ['text', 'markdown', 'csv', 'json'],
      value: 'FORMAT',
      help: 'how it is written (text)',
    },
    {
      name: 'min-severity',
      choices: ['info', 'minor', 'major', 'critical'],
      value: 'SEVERITY',
      help: 'what is below is left out (minor)',
    },
  ],
  examples: [
    'vz-parse-config --all root@vz6 root@vz7 | vz-to-osctl --report none | vz-report --by loss',
    'vz-report --by node --format csv < fleet.ndjson > fleet.csv',
  ],
};

import type { CommandSpec } from '../spec.ts';

export const osctlBundle: CommandSpec = {
  name: 'osctl-bundle',
  summary: 'turn a bundle stream into an archive for osctl ct import',
  usage: [
    '[OPTIONS] < bundle > archive',
    '--container DOC --payload NAME=FILE... [OPTIONS] > archive',
    '--verify FILE|-',
  ],
  flags: [
    { name: 'output', short: 'o', value: 'FILE', help: 'write FILE, which appears only when it is whole' },
    { name: 'skel', help: 'from a document: the archive without data that osctl receives first' },
    {
      name: 'container',
      value: 'DOC',
      help: 'an osctl-container document from a file, instead of a bundle stream',
    },
    {
      name: 'payload',
      value: 'NAME=FILE',
      repeatable: true,
      help: 'with --container: a bare payload, e.g. rootfs/base.tar.gz=F',
    },
    {
      name: 'segment-size',
      value: 'BYTES',
      help: 'cut payloads into members of this size (K, M, G; 8M in a pipe)',
    },
    { name: 'verify', value: 'FILE', help: 'read an archive as osctld would and report as JSON' },
  ],
  operands: { min: 0, max: 0 },
  examples: [
    'vz-parse-config 101 | vz-to-osctl | vz-rootfs-tar | osctl-bundle -o ct-101.tar',
    'osctl-bundle --verify ct-101.tar',
  ],
};

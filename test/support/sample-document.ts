import type { OsctlContainer } from '../../lib/documents/documents.ts';

/** A small container that validates; tests change what they are about. */
export function sampleDocument(source: Partial<OsctlContainer['source']> = {}): OsctlContainer {
  return {
    kind: 'osctl-container',
    schema: 1,
    ctid: '101',
    id: '101',
    config: {
      distribution: 'debian',
      version: '7',
      arch: 'x86_64',
      hostname: 'web1.example.com',
      dns_resolvers: null,
      net_interfaces: [],
      cgparams: [],
      devices: [],
      prlimits: {},
      mounts: [],
      autostart: { priority: 1000, delay: 5 },
      nesting: false,
      attrs: {},
    },
    user: null,
    group: null,
    source: {
      host: null,
      offline: null,
      layout: 'simfs',
      configPath: null,
      privatePath: '/vz/private/101',
      rootPath: null,
      dataset: null,
      subdir: null,
      compressedSend: false,
      disabled: false,
      files: [],
      facts: null,
      ...source,
    },
    report: { consumed: [], ignored: [], warnings: [] },
    followUps: [],
    node: null,
    blockers: [],
  };
}

import type { OsctlContainer, VzMigration } from '../../lib/documents/documents.ts';
import type { HostReference } from '../../lib/documents/source.ts';
import { sampleDocument } from './sample-document.ts';

/** A migration of container 101 of `root@vz6` to `root@node`, with a target but no data; tests change what they are about. */
export function sampleMigration(
  change: Partial<VzMigration> = {},
  source: Partial<OsctlContainer['source']> = {},
): VzMigration {
  return {
    kind: 'vz-migration',
    schema: 1,
    ctid: '101',
    id: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
    revision: 1,
    step: 'staged',
    doing: null,
    container: sampleDocument({ host: sampleHost(), ...source }),
    destination: {
      host: sampleHost({ name: 'node' }),
      pool: null,
      via: 'root',
      rootSession: true,
      start: 'auto',
    },
    target: {
      id: '101',
      pool: 'tank',
      dataset: 'tank/ct/101',
      token: null,
      protocol: null,
      mountpoint: '/tank/ct/101',
      maps: null,
    },
    source: { wasRunning: null, onboot: null, disabled: null, snapshots: [] },
    sync: { passes: [], datasets: [] },
    transfer: null,
    ...change,
  };
}

export function sampleHost(change: Partial<HostReference> = {}): HostReference {
  return {
    client: 'openssh',
    user: 'root',
    name: 'vz6',
    port: null,
    identity: null,
    legacy: false,
    options: [],
    ...change,
  };
}

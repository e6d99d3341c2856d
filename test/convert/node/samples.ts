import { convertContainer } from '../../../lib/convert/convert.ts';
import { NodeIndex } from '../../../lib/convert/node/node-index.ts';
import type { ConvertOptions } from '../../../lib/convert/options.ts';
import { DEFAULT_OPTIONS } from '../../../lib/convert/options.ts';
import type { OsctlContainer, VpsadminosNode } from '../../../lib/documents/documents.ts';
import type { Facts } from '../../../lib/documents/facts.ts';
import { configOf, factsOf, NO_GUEST } from '../samples.ts';

/** A node that says all, on which nothing is taken. */
export function nodeOf(changes: Partial<VpsadminosNode> = {}): VpsadminosNode {
  return { ...NODE, ...changes };
}

interface Judged {
  readonly node?: Partial<VpsadminosNode>;
  readonly facts?: Partial<Facts> | null;
  readonly guest?: Partial<Facts['guest']>;
  readonly options?: Partial<ConvertOptions>;
  readonly config?: string;
  readonly files?: OsctlContainer['source']['files'];
}

/** A container of CentOS 8 that nothing speaks against, but for what is given. */
export function judge({
  node,
  facts = {},
  guest = {},
  options,
  config = CONFIG,
  files = [],
}: Judged): OsctlContainer {
  const merged = facts === null ? null : factsOf({ ...FACTS, guest: { ...GUEST, ...guest }, ...facts });
  const document = configOf(config, { facts: merged });
  const withFiles = { ...document, source: { ...document.source, files: [...files] } };
  return convertContainer(withFiles, { ...DEFAULT_OPTIONS, ...options }, new NodeIndex(nodeOf(node)));
}

export function blockerCodes({ blockers }: OsctlContainer): string[] {
  return blockers.map(({ code }) => code);
}

export const GIB = 1024 ** 3;

export const CONFIG =
  'OSTEMPLATE="centos-8-x86_64"\nIP_ADDRESS="203.0.113.7"\nVE_PRIVATE=/vz/private/101\nONBOOT=yes\n';

const NO_FILES = { count: '0', examples: [] };
export const DEEP: NonNullable<Facts['deep']> = {
  files: '1000',
  sizeBytes: String(GIB),
  foreignIds: NO_FILES,
  deviceNodes: NO_FILES,
  highestUid: 1000,
  highestGid: 1000,
};

const GUEST: Facts['guest'] = {
  ...NO_GUEST,
  osRelease: { id: 'centos', versionId: '8' },
  elfClass: 64,
  init: 'systemd',
  systemd: 239,
  glibc: '2.28',
};
const FACTS: Partial<Facts> = { level: 'deep', deep: DEEP };

const NODE: VpsadminosNode = {
  kind: 'vpsadminos-node',
  schema: 1,
  node: 'root@node',
  at: '2026-01-02T03:04:05.678Z',
  pool: null,
  osctlVersion: '24.05.0',
  kernel: { release: '6.6.0', commandLine: 'osctl.cgroupv=2 vsyscall=none', vsyscall: 'none' },
  cgroupVersion: 2,
  architectures: ['x86_64', 'x86'],
  receiveProtocol: 1,
  mapModes: ['zfs'],
  pools: [
    {
      name: 'tank',
      dataset: 'tank',
      state: 'active',
      availableBytes: String(100 * GIB),
      mountpoint: '/tank',
      containerDatasets: [],
    },
  ],
  containers: [],
  users: [],
  groups: [{ pool: 'tank', name: '/default', devices: [] }],
  deviceNodes: ['/dev/net/tun', '/dev/fuse'],
  bridges: ['lxcbr0'],
  addresses: { known: [], unknown: [] },
};

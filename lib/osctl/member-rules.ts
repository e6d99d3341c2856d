import type { Findings } from './findings.ts';
import type { Metadata } from './metadata.ts';

/** Members that Ruby reads, of which it sees the first only. */
export const SMALL_FILES: readonly string[] = [
  'container.json',
  'metadata.yml',
  'config/container.yml',
  'config/user.yml',
  'config/group.yml',
  'snapshots.yml',
];

export const ROOTFS_TAR = 'rootfs/base.tar.gz';

export interface MemberReport {
  readonly name: string;
  /** Consecutive or not, GNU tar joins members of one name. */
  segments: number;
  bytes: number;
}

export function isSendStream(name: string): boolean {
  return /^rootfs\/(.+\/)?(base|incremental)\.dat(\.gz)?$/.test(name);
}

/** osctld compares names literally. */
export function checkName(name: string, findings: Findings): void {
  if (name.startsWith('./') && (SMALL_FILES.includes(name.slice(2)) || name.startsWith('./rootfs/'))) {
    findings.error('BAD_NAME', `${name}: osctld looks for ${name.slice(2)} and does not find it`);
  }
}

/** osctld makes a directory of hooks only where the archive has an entry for it, before what is in it. */
export function checkHook(name: string, directories: ReadonlySet<string>, findings: Findings): void {
  const directory = hookDirectory(name);
  if (directory === undefined || directories.has(directory)) return;
  findings.error('HOOK_WITHOUT_DIRECTORY', `${name} has no entry of its directory ${directory}/ before it`);
}

/** `hooks/NAME.d` of such a directory itself, or of what is in it. */
export function hookDirectory(name: string): string | undefined {
  return /^hooks\/[^/]+\.d(?=\/|$)/.exec(name)?.[0];
}

/** Rules on the set of members, told when all have been seen. `last` is the name of the last one. */
export function checkMembers(
  members: ReadonlyMap<string, MemberReport>,
  last: string | undefined,
  ours: boolean,
  findings: Findings,
): void {
  for (const name of ['metadata.yml', 'config/container.yml']) {
    if (!members.has(name)) findings.error('MEMBER_MISSING', `there is no ${name}`);
  }
  for (const name of SMALL_FILES) {
    const segments = members.get(name)?.segments ?? 0;
    if (segments > 1)
      findings.error('MEMBER_TWICE', `${name} is there ${segments} times, osctld reads the first`);
  }
  if (members.has('metadata.yml') && last !== 'metadata.yml') {
    const text = `metadata.yml is not the last member, ${last} is: a cut-off copy could be imported`;
    if (ours) findings.error('METADATA_NOT_LAST', text);
    else findings.warning('METADATA_NOT_LAST', text);
  }
}

/** Rules that the metadata decide: which payloads and configs there must be. */
export function checkPayloads(
  members: ReadonlyMap<string, MemberReport>,
  metadata: Metadata,
  findings: Findings,
): void {
  for (const kind of ['user', 'group'] as const) {
    const name = metadata[kind];
    if (name && !members.has(`config/${kind}.yml`)) {
      findings.warning('CONFIG_ABSENT', `no config/${kind}.yml: ${kind} ${name} must be on the node already`);
    }
  }
  if (metadata.type === 'skel') return;
  const wanted = metadata.format === 'tar' ? [ROOTFS_TAR] : streamsOf(members, metadata, findings);
  for (const name of wanted) {
    if (!members.has(name)) findings.error('MEMBER_MISSING', `there is no ${name}`);
  }
  for (const name of members.keys()) {
    if (isPayload(name) && !wanted.includes(name)) {
      findings.warning('MEMBER_UNUSED', `${name} is not read by an import of this format`);
    }
  }
}

/** Of each dataset the base, and the incremental stream when there is one; `.dat` is looked for before `.dat.gz`. */
function streamsOf(
  members: ReadonlyMap<string, MemberReport>,
  { datasets }: Metadata,
  findings: Findings,
): string[] {
  return ['', ...datasets.map((name) => `${name}/`)].flatMap((directory) =>
    (['base', 'incremental'] as const).flatMap((stream) => {
      const plain = `rootfs/${directory}${stream}.dat`;
      const zipped = `${plain}.gz`;
      if (members.has(plain) && members.has(zipped)) {
        findings.warning('MEMBER_UNUSED', `${zipped} is not read, since there is ${plain}`);
      }
      if (members.has(plain)) return [plain];
      if (members.has(zipped)) return [zipped];
      return stream === 'base' ? [`${zipped}`] : [];
    }),
  );
}

function isPayload(name: string): boolean {
  return name === ROOTFS_TAR || isSendStream(name);
}

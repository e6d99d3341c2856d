import type { OsctlContainer } from '../documents/documents.ts';
import type { SourceFile } from '../documents/source.ts';
import type { JsonValue } from '../osctl/psych-json.ts';
import { psychJson } from '../osctl/psych-json.ts';

export interface SmallMember {
  readonly name: string;
  readonly data: Buffer;
}

export interface Metadata {
  readonly type: 'full' | 'skel';
  readonly format: 'tar' | 'zfs';
  /** Subdatasets, parents first. */
  readonly datasets: readonly string[];
  readonly exportedAt: Date;
}

/**
 * The source's config, vz.conf and action scripts, as `vz2osctl/…`: osctld looks only at names it knows, and an
 * import next year forgets nothing.
 */
export function sourceMembers({ ctid, source }: OsctlContainer): SmallMember[] {
  const seen = new Set<string>();
  return source.files.flatMap((file) => {
    const name = `vz2osctl/${memberName(file, ctid)}`;
    if (seen.has(name)) return [];
    seen.add(name);
    return [{ name, data: Buffer.from(file.content, file.encoding) }];
  });
}

/** Scripts are found by their plain names (`101.mount`); a config may be any file and gets the name it had on a node. */
function memberName({ path, role }: SourceFile, ctid: string): string {
  if (role === 'global') return 'vz.conf';
  if (role === 'container') return `${ctid}.conf`;
  return path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, 80);
}

/** `config/…`, in the form osctld's importer reads. */
export function configMembers({ config, user, group }: OsctlContainer): SmallMember[] {
  return [
    yaml('config/container.yml', config),
    ...(user === null
      ? []
      : [
          yaml('config/user.yml', {
            uid_map: user.uidMap,
            gid_map: user.gidMap,
            standalone: false,
            attrs: {},
          }),
        ]),
    ...(group === null ? [] : [yaml('config/group.yml', { cgparams: [], devices: [], attrs: {} })]),
  ];
}

/** `metadata.yml`: the commit record, written last. Without it osctld refuses an archive before it touches anything. */
export function metadataMember({ id, user, group }: OsctlContainer, metadata: Metadata): SmallMember {
  return yaml('metadata.yml', {
    type: metadata.type,
    format: metadata.format,
    container: id,
    user: user?.name ?? null,
    group,
    datasets: metadata.datasets,
    exported_at: Math.floor(metadata.exportedAt.getTime() / 1000),
  });
}

function yaml(name: string, value: JsonValue): SmallMember {
  return { name, data: Buffer.from(psychJson(value)) };
}

import * as z from 'zod';
import { decimal } from './source.ts';

/** What the node's stock programs can do, probed, never guessed by version. Shared by all containers of a node. */
const nodeFacts = z.strictObject({
  /** `uname -r`. */
  kernel: z.string(),
  pageSize: z.int().positive(),
  /** null: not known. */
  cpus: z.int().positive().nullable(),
  /** `0`: not known. */
  memoryBytes: decimal,
  /** The node's resolv.conf, for `inherit`. */
  nameservers: z.array(z.string()),
  searchDomains: z.array(z.string()),
  programs: z.strictObject({
    vzctl: z.string().nullable(),
    /** vzctl can mount a snapshot of a ploop image. */
    snapshotMount: z.boolean(),
    vzlist: z.boolean(),
    tar: z.strictObject({ version: z.string(), xattrs: z.boolean(), sparse: z.boolean() }).nullable(),
    /** Of igzip, pigz, gzip: those there are. */
    compressors: z.array(z.string()),
    rsync: z.string().nullable(),
    zfs: z.boolean(),
    /** Letters of the flags that `zfs send` has: L, e and c are not everywhere. */
    zfsSend: z.array(z.string()),
    getcap: z.boolean(),
  }),
  /** Version of Proxmox VE's tools; null: it is none. */
  proxmox: z.string().nullable(),
  lockDir: z.string(),
  dumpDir: z.string(),
  /** Bytes that root may still write, at the time, where containers, their dumps and temporary files are. */
  free: z.array(z.strictObject({ path: z.string(), bytes: decimal })),
});
export type NodeFacts = z.infer<typeof nodeFacts>;

/** vzctl status, `exist|deleted mounted|unmounted running|down [suspended]`. */
const statusFacts = z.strictObject({
  exists: z.boolean(),
  mounted: z.boolean(),
  running: z.boolean(),
  suspended: z.boolean(),
});
export type StatusFacts = z.infer<typeof statusFacts>;

/** `--facts deep`: one walk of the tree. */
const deepFacts = z.strictObject({
  files: decimal,
  /** Allocated on disk: holes are not counted, hard links once. */
  sizeBytes: decimal,
  /** Files owned by an id of 65536 or above, which the target cannot hold. */
  foreignIds: z.strictObject({ count: decimal, examples: z.array(z.string()) }),
  /** Device nodes outside /dev. */
  deviceNodes: z.strictObject({ count: decimal, examples: z.array(z.string()) }),
  /** The highest owner and group of any entry; null: an older document, which does not say. */
  highestUid: z.int().nonnegative().nullable().default(null),
  highestGid: z.int().nonnegative().nullable().default(null),
});
export type DeepFacts = z.infer<typeof deepFacts>;

export const facts = z.strictObject({
  level: z.enum(['fast', 'deep']),
  node: nodeFacts,
  /** null: vzctl could not be asked. */
  status: statusFacts.nullable(),
  /** VE_PRIVATE and VE_ROOT after expansion. */
  privatePath: z.string().nullable(),
  rootPath: z.string().nullable(),
  /** null: the private area is missing. */
  layout: z.enum(['simfs', 'ploop']).nullable(),
  /** The ZFS dataset that holds the private area, when there is one of its own. */
  dataset: z
    .strictObject({
      name: z.string(),
      mountpoint: z.string(),
      /** Directory in it that is the private area; null: its root is. */
      subdir: z.string().nullable(),
      /** Names of all datasets below it. */
      children: z.array(z.string()),
    })
    .nullable(),
  /** The file system that holds the private area is mounted there. */
  mountpoint: z.string().nullable(),
  /** NAME's link in /etc/vz/names points back to this config. null: no NAME. */
  nameLink: z.boolean().nullable(),
  /** What the root filesystem says it is; links are resolved inside the tree only. */
  guest: z.strictObject({
    osRelease: z.strictObject({ id: z.string().nullable(), versionId: z.string().nullable() }).nullable(),
    /** First lines of the older files: redhat-release, debian_version, alpine-release, … */
    releaseFiles: z.record(z.string(), z.string()),
    elfClass: z.union([z.literal(32), z.literal(64)]).nullable(),
    /** What sbin/init is; `other`: none of these. null: there is none, or it was not seen. */
    init: z.enum(['systemd', 'upstart', 'sysvinit', 'other']).nullable().default(null),
    /** Version of the systemd that is installed, its init or not. */
    systemd: z.int().positive().nullable().default(null),
    /** Version of the GNU C library: `2.12`. null: none (musl), or not known. */
    glibc: z
      .string()
      .regex(/^\d{1,3}(\.\d{1,4}){1,3}$/)
      .nullable()
      .default(null),
    /** Of aquota.user, aquota.group, quota.user, quota.group: those in its root. Users have quotas of their own. */
    userQuota: z.array(z.string()),
    /** etc/exports shares something over NFS. null: the root filesystem was not seen. */
    nfsExports: z.boolean().nullable(),
    /** Firewall rules and start scripts that name a venet interface, as paths in the root filesystem. */
    venetRules: z.array(z.string()),
    /** Of var/lib/docker and var/lib/lxc: those that hold something. Containers run in this one, or did. */
    nested: z.array(z.string()),
  }),
  /**
   * Mounts below VE_PRIVATE or VE_ROOT: their contents are not part of the container's data. Without file systems that
   * hold no data at all (proc, tmpfs, …), and without the datasets below the container's own.
   */
  submounts: z.array(z.string()),
  /** Host-side hooks of this container (and vps.*); their content is in `source.files`. */
  actionScripts: z.array(z.strictObject({ path: z.string(), executable: z.boolean() })),
  /** Host device numbers of what DEVNODES names. */
  deviceNumbers: z.record(
    z.string(),
    z.strictObject({ type: z.enum(['block', 'char']), major: z.int(), minor: z.int() }),
  ),
  /** Bytes the container uses, by quota accounting; null where that needs a walk. */
  usedBytes: decimal.nullable(),
  /** Snapshots of its ploop image, or of its dataset; null: not known, or it has neither. */
  snapshots: z.int().nonnegative().nullable().default(null),
  deep: deepFacts.nullable(),
});
export type Facts = z.infer<typeof facts>;

import * as z from 'zod';
import { blocker } from './blocker.ts';
import { containerYml } from './container-yml.ts';
import { facts } from './facts.ts';
import { followUp } from './follow-up.ts';
import { isGroupName, isUserName } from './names.ts';
import { report } from './report.ts';
import { ctid, decimal, hostReference, offlineSource, sourceFile } from './source.ts';

/** osctld: /^[a-z0-9_-]{1,100}$/i. */
export const targetId = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'expected an id of A-Z a-z 0-9 _ -');

const userName = z.string().refine(isUserName, 'expected a user name');
/** Never with host id 0, which would make the container's user the node's root. */
const idMap = z
  .array(z.string().regex(/^\d{1,10}:[1-9]\d{0,9}:[1-9]\d{0,9}$/, 'expected ns:host:count, and not host 0'))
  .min(1);

/** Written by vz-to-osctl: the decided container, and where its data is. */
export const osctlContainer = z.strictObject({
  kind: z.literal('osctl-container'),
  schema: z.literal(1),
  ctid,
  /** Id on the target. */
  id: targetId,
  config: containerYml,
  /** null: osctld makes a user with an id block of its own. */
  user: z.strictObject({ name: userName, uidMap: idMap, gidMap: idMap }).nullable(),
  /** null: osctld's /default. Begins with a slash. */
  group: z.string().refine(isGroupName, 'expected a group name that begins with /').nullable(),
  source: z.strictObject({
    host: hostReference.nullable(),
    /** null: a node. With it `host` is null, and paths are those of this machine. */
    offline: offlineSource.nullable().default(null),
    layout: z.enum(['simfs', 'ploop', 'zfs']),
    configPath: z.string().nullable(),
    privatePath: z.string().nullable(),
    rootPath: z.string().nullable(),
    dataset: z.string().nullable(),
    /** Directory of the dataset that holds the root filesystem, relative. */
    subdir: z.string().nullable(),
    /** Blocks are sent as they lie on the disk, compressed (`zfs send -c`). */
    compressedSend: z.boolean(),
    /** DISABLED=yes: vzctl starts it only with --force. */
    disabled: z.boolean(),
    files: z.array(sourceFile),
    facts: facts.nullable(),
  }),
  report,
  followUps: z.array(followUp),
  /** The node that was looked at for blockers, as osctl-probe found it; null: none was. */
  node: z
    .strictObject({
      name: z.string(),
      at: z.iso.datetime(),
      /** The pool that it would come to; null: one of several. */
      pool: z.string().nullable(),
      availableBytes: decimal.nullable(),
    })
    .nullable()
    .default(null),
  /** What speaks against it on that node. Stages that act refuse it, but for those that they are told to ignore. */
  blockers: z.array(blocker).max(1000).default([]),
});
export type OsctlContainer = z.infer<typeof osctlContainer>;

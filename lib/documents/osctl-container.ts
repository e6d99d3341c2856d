import * as z from 'zod';
import { containerYml } from './container-yml.ts';
import { facts } from './facts.ts';
import { ctid, decimal, hostReference, sourceFile } from './source.ts';
import { warning } from './vz-config.ts';

const reported = {
  key: z.string(),
  raw: z.string(),
  /** null: the fact or flag it comes from has no line. */
  line: z.int().nullable(),
  origin: z.enum(['container', 'global']),
};

/** Every item of the config is in exactly one of the two lists. */
export const report = z.strictObject({
  consumed: z.array(z.strictObject({ ...reported, became: z.string() })),
  ignored: z.array(z.strictObject({ ...reported, reason: z.string() })),
  warnings: z.array(warning),
});
export type Report = z.infer<typeof report>;

/**
 * What only the target node can do after the import. A closed list, never free commands: a document may come
 * from anyone.
 */
export const followUp = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('refquota'), bytes: decimal }),
]);
export type FollowUp = z.infer<typeof followUp>;

/** osctld: /^[a-z0-9_-]{1,100}$/i. */
export const targetId = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'expected an id of A-Z a-z 0-9 _ -');

const idMap = z.array(z.string().regex(/^\d+:\d+:\d+$/, 'expected ns:host:count')).min(1);

/** Written by vz-to-osctl: the decided container, and where its data is. */
export const osctlContainer = z.strictObject({
  kind: z.literal('osctl-container'),
  schema: z.literal(1),
  ctid,
  /** Id on the target. */
  id: targetId,
  config: containerYml,
  /** null: osctld makes a user with an id block of its own. */
  user: z.strictObject({ name: z.string(), uidMap: idMap, gidMap: idMap }).nullable(),
  /** null: osctld's /default. Begins with a slash. */
  group: z.string().regex(/^\/./, 'expected a group name that begins with /').nullable(),
  source: z.strictObject({
    host: hostReference.nullable(),
    layout: z.enum(['simfs', 'ploop', 'zfs']),
    configPath: z.string().nullable(),
    privatePath: z.string().nullable(),
    rootPath: z.string().nullable(),
    dataset: z.string().nullable(),
    /** Directory of the dataset that holds the root filesystem, relative. */
    subdir: z.string().nullable(),
    /** DISABLED=yes: vzctl starts it only with --force. */
    disabled: z.boolean(),
    files: z.array(sourceFile),
    facts: facts.nullable(),
  }),
  report,
  followUps: z.array(followUp),
});
export type OsctlContainer = z.infer<typeof osctlContainer>;

import * as z from 'zod';
import { facts } from './facts.ts';
import { ctid, hostReference, offlineSource, sourceFile } from './source.ts';
import { itemValue } from './values.ts';

/**
 * What became of a line of the config:
 *
 * - `used`: it counts. Lists (IP_ADDRESS, CAPABILITY, …) may have several used items, each with what it adds.
 * - `overridden`: another item of the same key counts instead (duplicate, or the container's own over vz.conf's).
 * - `discarded`: vz.conf's value of a key that is never inherited (VE_LAYOUT, NETFILTER).
 * - `invalid`: vzctl warns and treats the key as absent.
 * - `unknown`: a key that vz6's vzctl does not know.
 * - `rejected`: not an assignment at all; key is empty.
 */
export const itemState = z.enum(['used', 'overridden', 'discarded', 'invalid', 'unknown', 'rejected']);

export const configItem = z.strictObject({
  key: z.string(),
  /** The value's text after vzctl's grammar, or the whole line of a rejected one. */
  raw: z.string(),
  /** `latin1`: the bytes are not UTF-8, and each character of `key` and `raw` stands for one byte. */
  encoding: z.enum(['utf8', 'latin1']),
  value: itemValue.nullable(),
  line: z.int().min(1),
  origin: z.enum(['container', 'global']),
  state: itemState,
  /** Why it is not used, or null. */
  reason: z.string().nullable(),
});
export type ConfigItem = z.infer<typeof configItem>;
export type ItemState = z.infer<typeof itemState>;

export const warning = z.strictObject({ code: z.string(), text: z.string(), line: z.int().nullable() });
export type Warning = z.infer<typeof warning>;

/** Written by vz-parse-config: what the config says and what the source looks like, undecided. */
export const vzConfig = z.strictObject({
  kind: z.literal('vz-config'),
  schema: z.literal(1),
  ctid,
  source: z.strictObject({
    /** null: this machine. */
    host: hostReference.nullable(),
    /** null: a node. With it `host` is null. */
    offline: offlineSource.nullable().default(null),
    /** The container's config; null when it came on stdin. */
    path: z.string().nullable(),
    files: z.array(sourceFile),
  }),
  items: z.array(configItem),
  /** null: nothing was looked up (`--facts none`, a file, stdin). */
  facts: facts.nullable(),
  warnings: z.array(warning),
});
export type VzConfig = z.infer<typeof vzConfig>;

import * as z from 'zod';
import { limit } from './source.ts';

const address = z.strictObject({
  address: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  /** As written behind the slash; it only shapes the interface file inside the guest. */
  prefix: z.int().min(0).max(128).nullable(),
});
export type Address = z.infer<typeof address>;

const netif = z.strictObject({
  ifname: z.string(),
  mac: z.string().nullable(),
  hostIfname: z.string().nullable(),
  hostMac: z.string().nullable(),
  bridge: z.string().nullable(),
  macFilter: z.boolean().nullable(),
});
export type Netif = z.infer<typeof netif>;

const device = z.strictObject({
  type: z.enum(['block', 'char']),
  major: z.int(),
  /** null: all minors. */
  minor: z.int().nullable(),
  /** Letters of `rwq`; empty for `none`. */
  mode: z.string(),
});

const devnode = z.strictObject({ name: z.string(), mode: z.string() });

/** The typed value of a config item; `type` says which. Units are named where there are any. */
export const itemValue = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({ type: z.literal('flag'), on: z.boolean() }),
  z.strictObject({ type: z.literal('integer'), number: limit }),
  z.strictObject({
    type: z.literal('limits'),
    unit: z.enum(['pages', 'bytes', 'items', 'kib', 'inodes']),
    barrier: limit,
    limit,
  }),
  /** CPULIMIT: percent of one CPU, or of the whole host (`50%`). 0 is no limit. */
  z.strictObject({ type: z.literal('cpulimit'), percent: limit, of: z.enum(['cpu', 'host']) }),
  z.strictObject({ type: z.literal('addresses'), addresses: z.array(address) }),
  /** NAMESERVER, SEARCHDOMAIN: with `inherit` the host's resolv.conf counts and `names` is empty. */
  z.strictObject({ type: z.literal('names'), inherit: z.boolean(), names: z.array(z.string()) }),
  z.strictObject({ type: z.literal('words'), words: z.array(z.string()) }),
  z.strictObject({ type: z.literal('netif'), interfaces: z.array(netif) }),
  z.strictObject({ type: z.literal('devices'), devices: z.array(device) }),
  z.strictObject({ type: z.literal('devnodes'), nodes: z.array(devnode) }),
  /** CAPABILITY, FEATURES. */
  z.strictObject({
    type: z.literal('switches'),
    switches: z.array(z.strictObject({ name: z.string(), on: z.boolean() })),
  }),
  z.strictObject({
    type: z.literal('layout'),
    layout: z.enum(['simfs', 'ploop']),
    mode: z.string().nullable(),
  }),
  z.strictObject({ type: z.literal('cpumask'), mask: z.string() }),
  z.strictObject({
    type: z.literal('meminfo'),
    mode: z.enum(['none', 'pages', 'privvmpages']),
    number: limit,
  }),
]);
export type ItemValue = z.infer<typeof itemValue>;
export type ItemValueType = ItemValue['type'];

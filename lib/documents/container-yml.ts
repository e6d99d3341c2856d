import * as z from 'zod';
import { isAddress, isAddressEntry } from './address.ts';

const entry = (family: 4 | 6) =>
  z.string().refine((text) => isAddressEntry(text, family), `expected an IPv${family} address`);
const perFamily = z.strictObject({ v4: z.array(entry(4)), v6: z.array(entry(6)) });

const common = {
  /** Name inside the guest, at most 15 bytes. */
  name: z
    .string()
    .regex(/^[^/\s]+$/, 'expected an interface name')
    .refine((name) => Buffer.byteLength(name) <= 15, 'expected an interface name of at most 15 bytes'),
  hwaddr: z
    .string()
    .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, 'expected a MAC address in lower case')
    .nullable(),
  ip_addresses: perFamily,
};

const gateway = (family: 4 | 6) =>
  z
    .string()
    .refine(
      (text) => text === 'auto' || text === 'none' || isAddress(text, family),
      `expected auto, none or an IPv${family} address`,
    );

export const netInterface = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('bridge'),
    ...common,
    link: z.string(),
    dhcp: z.boolean(),
    /** `auto`, `none` or an address. */
    gateways: z.strictObject({ v4: gateway(4), v6: gateway(6) }),
  }),
  z.strictObject({ type: z.literal('routed'), ...common, routes: perFamily }),
]);
export type NetInterface = z.infer<typeof netInterface>;

/** A limit of one cgroup version; osctld takes an entry without `version` for version 1. */
export const cgroupParameter = z.strictObject({
  version: z.union([z.literal(1), z.literal(2)]),
  subsystem: z.string(),
  name: z.string(),
  value: z.array(z.union([z.string(), z.int()])).min(1),
});
export type CgroupParameter = z.infer<typeof cgroupParameter>;

const prlimit = z.strictObject({
  soft: z.union([z.int(), z.literal('unlimited')]),
  hard: z.union([z.int(), z.literal('unlimited')]),
});

/**
 * Exactly what becomes config/container.yml (osctld's Container#load_config_hash). osctld answers a wrong type
 * with "internal error" after it has created things, so it is all checked here.
 */
export const containerYml = z.strictObject({
  distribution: z.string().min(1),
  version: z.string().min(1),
  arch: z.enum(['x86_64', 'x86']),
  /** osctld takes its first label, and crashes when there is none. */
  hostname: z.string().regex(/[^.]/, 'expected a host name').nullable(),
  dns_resolvers: z.array(z.string()).nullable(),
  net_interfaces: z.array(netInterface),
  cgparams: z.array(cgroupParameter),
  devices: z.array(z.never()),
  prlimits: z.record(z.string(), prlimit),
  mounts: z.array(z.never()),
  autostart: z.strictObject({ priority: z.int(), delay: z.int() }).nullable(),
  nesting: z.boolean(),
  /** `vendor:key`. */
  attrs: z.record(z.string().regex(/^[^:]+:.+$/, 'expected vendor:key'), z.string()),
});
export type ContainerYml = z.infer<typeof containerYml>;

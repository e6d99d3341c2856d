import * as z from 'zod';
import { isAddress, isAddressEntry } from './address.ts';
import { cgroupParameter } from './cgroup-parameter.ts';
import { isPlainText } from './plain-text.ts';

export type { CgroupParameter } from './cgroup-parameter.ts';

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

const rlimit = z.union([z.int().min(0), z.literal('unlimited')]);
/** Those that `osctl ct prlimits set` knows. */
const rlimitName =
  /^(as|core|cpu|data|fsize|memlock|msgqueue|nice|nofile|nproc|rss|rtprio|rttime|sigpending|stack)$/;

/** `osctl ct show` prints both to a terminal. */
const plainText = z.string().refine(isPlainText, 'expected one line without control characters');

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
  dns_resolvers: z
    .array(
      z
        .string()
        .refine((text) => isAddress(text, 4) || isAddress(text, 6), 'expected the address of a resolver'),
    )
    .nullable(),
  net_interfaces: z.array(netInterface),
  cgparams: z.array(cgroupParameter),
  devices: z.array(z.never()),
  prlimits: z.record(
    z.string().regex(rlimitName, 'expected the name of a resource limit'),
    z.strictObject({ soft: rlimit, hard: rlimit }),
  ),
  mounts: z.array(z.never()),
  autostart: z.strictObject({ priority: z.int(), delay: z.int() }).nullable(),
  nesting: z.boolean(),
  /** `vendor:key`. */
  attrs: z.record(plainText.regex(/^[^:]+:.+$/, 'expected vendor:key'), plainText),
});
export type ContainerYml = z.infer<typeof containerYml>;

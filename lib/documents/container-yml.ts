import * as z from 'zod';
import { isAddress, isAddressEntry } from './address.ts';
import { cgroupParameter } from './cgroup-parameter.ts';
import { isHostname, isInterfaceName, isVersion } from './names.ts';
import { isPlainText } from './plain-text.ts';

export type { CgroupParameter } from './cgroup-parameter.ts';

const entry = (family: 4 | 6) =>
  z.string().refine((text) => isAddressEntry(text, family), `expected an IPv${family} address`);
/** We write host routes only, and no document may take other networks of the node away. */
const hostRoute = (family: 4 | 6) =>
  z
    .string()
    .refine(
      (text) => isAddressEntry(text, family) && text.endsWith(family === 4 ? '/32' : '/128'),
      `expected an IPv${family} host route`,
    );
const hostRoutes = z.strictObject({ v4: z.array(hostRoute(4)), v6: z.array(hostRoute(6)) });
const perFamily = z.strictObject({ v4: z.array(entry(4)), v6: z.array(entry(6)) });

/** osctld writes these, and the hostname, into LXC's config as they stand: a newline would begin a hook of the node's. */
const interfaceName = z.string().refine(isInterfaceName, 'expected an interface name of at most 15 bytes');

const common = {
  /** Name inside the guest, at most 15 bytes. */
  name: interfaceName,
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
    link: interfaceName,
    dhcp: z.boolean(),
    /** `auto`, `none` or an address. */
    gateways: z.strictObject({ v4: gateway(4), v6: gateway(6) }),
  }),
  z.strictObject({ type: z.literal('routed'), ...common, routes: hostRoutes }),
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
  distribution: z.string().regex(/^[a-z][a-z0-9_-]{0,30}$/, 'expected the name of a distribution'),
  /** A part of the path of a config file of the node. */
  version: z.string().refine(isVersion, 'expected letters, digits, dots and dashes'),
  arch: z.enum(['x86_64', 'x86']),
  /** osctld takes its first label, and crashes when there is none. */
  hostname: z.string().refine(isHostname, 'expected a host name').nullable(),
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
    z
      .strictObject({ soft: rlimit, hard: rlimit })
      .refine(
        ({ soft, hard }) =>
          (soft === 'unlimited' ? Infinity : soft) <= (hard === 'unlimited' ? Infinity : hard),
        'expected a soft limit that is not above the hard one',
      ),
  ),
  mounts: z.array(z.never()),
  autostart: z.strictObject({ priority: z.int(), delay: z.int() }).nullable(),
  nesting: z.boolean(),
  /** `vendor:key`, and not a mark of an import or a migration: those say what may be deleted. */
  attrs: z.record(
    plainText.regex(/^(?!vz2osctl:(?:incoming|migration|made)$)[^:]+:.+$/, 'expected vendor:key'),
    plainText,
  ),
});
export type ContainerYml = z.infer<typeof containerYml>;

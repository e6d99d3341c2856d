import * as z from 'zod';
import { isAddress, isAddressEntry } from '../documents/address.ts';

const entry = (family: 4 | 6) =>
  z.string().refine((text) => isAddressEntry(text, family), `expected an IPv${family} address`);
const route = (family: 4 | 6) =>
  z.union([entry(family), z.looseObject({ address: entry(family), via: z.string() })]);
const gateway = (family: 4 | 6) =>
  z
    .string()
    .refine(
      (text) => text === 'auto' || text === 'none' || isAddress(text, family),
      `expected auto, none or an IPv${family} address`,
    );

/** Other families are refused by osctld: `unsupported IP version 'X'`. */
const perFamily = <V4 extends z.ZodType, V6 extends z.ZodType>(v4: V4, v6: V6) =>
  z.strictObject({ v4: v4.optional(), v6: v6.optional() }).nullish();

const number = z.int().nullish();
const common = {
  name: z.string().regex(/^[^/\s]+$/, 'expected an interface name'),
  hwaddr: z
    .string()
    .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, 'expected a MAC address')
    .nullish(),
  ip_addresses: perFamily(z.array(entry(4)), z.array(entry(6))),
  max_tx: number,
  max_rx: number,
  tx_queues: number,
  rx_queues: number,
};

const netInterface = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('bridge'),
    ...common,
    link: z.string().nullish(),
    dhcp: z.boolean().nullish(),
    gateways: perFamily(gateway(4), gateway(6)),
  }),
  z.looseObject({
    type: z.literal('routed'),
    ...common,
    routes: perFamily(z.array(route(4)), z.array(route(6))),
  }),
]);

const cgroupParameter = z.looseObject({
  version: z.union([z.literal(1), z.literal(2)]).nullish(),
  subsystem: z.string(),
  name: z.string(),
  value: z.array(z.union([z.string(), z.int()])).min(1),
});

const deviceNumber = z.union([z.int(), z.string().regex(/^(\d+|all|\*)$/, 'expected a device number')]);
const device = z.looseObject({
  type: z.enum(['char', 'block']),
  major: deviceNumber,
  minor: deviceNumber,
  mode: z.string().regex(/^[rwm]*$/, 'expected letters of rwm'),
  name: z.string().nullish(),
});

const mount = z.looseObject({
  fs: z.string().nullable(),
  mountpoint: z.string(),
  type: z.string(),
  opts: z.string().nullish(),
  dataset: z.string().nullish(),
});

const limit = z.union([z.int(), z.literal('unlimited')]);
const prlimit = { soft: limit, hard: limit };

/**
 * What Container#load_config_hash of osctld takes, and the first start after it: everything of another type ends in
 * `internal error`, most of it after things were made. Keys that are not here are ignored by osctld.
 */
export const loadableConfig = z.looseObject({
  distribution: z.string().min(1),
  version: z.string().min(1),
  arch: z.string().min(1),
  hostname: z.string().regex(/[^.]/, 'expected a host name').nullish(),
  dns_resolvers: z.array(z.string()).nullish(),
  net_interfaces: z.array(netInterface).nullish(),
  cgparams: z.array(cgroupParameter).nullish(),
  devices: z.array(device).nullish(),
  mounts: z.array(mount).nullish(),
  prlimits: z
    .union([
      z.record(z.string(), z.looseObject(prlimit)),
      z.array(z.looseObject({ name: z.string(), ...prlimit })),
    ])
    .nullish(),
  autostart: z.looseObject({ priority: z.int(), delay: z.int() }).nullish(),
  nesting: z.boolean().nullish(),
  attrs: z.record(z.string().regex(/^[^:]+:.+$/, 'expected vendor:key'), z.string()).nullish(),
  seccomp_profile: z.string().nullish(),
  init_cmd: z.array(z.string()).nullish(),
  cpu_package: z.union([z.enum(['auto', 'none']), z.int()]).nullish(),
  start_menu: z.union([z.boolean(), z.looseObject({})]).nullish(),
  ephemeral: z.boolean().nullish(),
  impermanence: z.looseObject({}).nullish(),
  hints: z.looseObject({ cpu_daily: z.looseObject({}).optional() }).nullish(),
  // Kept by osctld while it runs: an imported container would be unstartable.
  state: z.undefined('must not be in an archive').optional(),
  send_log: z.undefined('must not be in an archive').optional(),
});

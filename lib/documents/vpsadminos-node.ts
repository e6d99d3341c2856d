import * as z from 'zod';
import { isDatasetName } from './names.ts';
import { isPlainText } from './plain-text.ts';
import { decimal } from './source.ts';

/** They become parts of messages. */
const plain = z.string().refine(isPlainText, 'expected one line without control characters');
const name = plain.min(1).max(255);
const deviceNumber = z.union([z.int().nonnegative(), z.literal('all')]);

/** A device that a group provides; `mode` is letters of `rwm`. */
const groupDevice = z.strictObject({
  type: z.enum(['block', 'char']),
  major: deviceNumber,
  minor: deviceNumber,
  mode: z.string().regex(/^[rwm]{0,3}$/),
});

const pool = z.strictObject({
  name,
  dataset: z.string().refine(isDatasetName, 'expected the name of a dataset'),
  /** `active`, or why not; null: osctl does not say. */
  state: plain.nullable(),
  /** Space that is left in its dataset. */
  availableBytes: decimal.nullable(),
  mountpoint: z.string().nullable(),
  /** Datasets of containers, those that no container has included; null: not known. */
  containerDatasets: z.array(z.string()).nullable(),
});

const container = z.strictObject({
  pool: name,
  id: name,
  state: plain,
  user: z.string().nullable(),
  /** How its ids are shifted; an osctld that knows no such thing has `zfs` only. */
  mapMode: z.enum(['native', 'zfs']).nullable(),
});

/**
 * Written by osctl-probe: what a vpsAdminOS node is and what is taken on it, at one time. null, anywhere: the node did not
 * say. What vz-to-osctl decides with it has to be looked at again when it is done.
 */
export const vpsadminosNode = z.strictObject({
  kind: z.literal('vpsadminos-node'),
  schema: z.literal(1),
  /** As it was reached: `root@node`. */
  node: plain.min(1),
  at: z.iso.datetime(),
  /** The pool that was asked for; null: any. */
  pool: name.nullable(),
  osctlVersion: z.string().nullable(),
  kernel: z.strictObject({
    release: z.string().nullable(),
    commandLine: z.string().nullable(),
    /** What it makes of the calls of a glibc before 2.15, which programs of 64 bits make at a fixed address. */
    vsyscall: z.enum(['none', 'xonly', 'emulate']).nullable(),
  }),
  /** What /run/osctl/cgroup.version says. */
  cgroupVersion: z.union([z.literal(1), z.literal(2)]).nullable(),
  /** Whose programs the kernel runs: `x86_64`, and `x86` where it has IA32 emulation. */
  architectures: z.array(plain).nullable(),
  /** Of osctl-ct-receive: 1 has no number in its commands. */
  receiveProtocol: z.union([z.literal(1), z.literal(2)]).nullable(),
  /** Those that containers of this node have, and with no container those that its osctl may give. */
  mapModes: z.array(z.enum(['native', 'zfs'])).nullable(),
  pools: z.array(pool).min(1),
  containers: z.array(container).nullable(),
  users: z.array(z.strictObject({ pool: name.nullable(), name })).nullable(),
  groups: z
    .array(
      z.strictObject({
        pool: name.nullable(),
        name,
        /** null: not asked, or not answered. */
        devices: z.array(groupDevice).nullable(),
      }),
    )
    .nullable(),
  /** Of /dev/net/tun, /dev/fuse, /dev/ppp and /dev/kvm: those that there are. */
  deviceNodes: z.array(plain).nullable(),
  bridges: z.array(name).nullable(),
  addresses: z.strictObject({
    /** In short form, each with where it was seen. */
    known: z.array(z.strictObject({ address: plain, where: plain })),
    /** What could not be asked for, as what is missing in `known`. */
    unknown: z.array(plain),
  }),
});
export type VpsadminosNode = z.infer<typeof vpsadminosNode>;

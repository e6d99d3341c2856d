import * as z from 'zod';
import { decimal } from './source.ts';

/** Devices that a container of OpenVZ was given for a purpose, by their numbers and nodes. */
export const FEATURE_DEVICES = {
  tun: { type: 'char', major: 10, minor: 200, path: '/dev/net/tun' },
  fuse: { type: 'char', major: 10, minor: 229, path: '/dev/fuse' },
  ppp: { type: 'char', major: 108, minor: 0, path: '/dev/ppp' },
  kvm: { type: 'char', major: 10, minor: 232, path: '/dev/kvm' },
} as const;
export type FeatureDevice = keyof typeof FEATURE_DEVICES;

/**
 * What only the target node can do after the import. A closed list, never free commands: a document may come
 * from anyone. So a device is one of four names: numbers would let it ask for a disk of the node.
 */
export const followUp = z.discriminatedUnion('do', [
  /** `bytes` is above 0, which to ZFS means no quota, and fits its 64 bits. */
  z.strictObject({
    do: z.literal('refquota'),
    bytes: decimal.refine(
      // Asked even when the text above has been refused, and BigInt throws at what is no number.
      (bytes) => /^[1-9]\d{0,19}$/.test(bytes) && BigInt(bytes) < 2n ** 64n,
      'expected more than 0 and less than 2^64',
    ),
  }),
  z.strictObject({ do: z.literal('device'), device: z.enum(['tun', 'fuse', 'ppp', 'kvm']) }),
]);
export type FollowUp = z.infer<typeof followUp>;

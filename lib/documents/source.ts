import * as z from 'zod';
import { TRAVELLING_OPTION } from './ssh-options.ts';

/** Neither an option of ssh nor anything that a shell or a terminal would take for more than a word. */
const hostWord = z
  .string()
  .regex(/^[A-Za-z0-9._:%[\]][A-Za-z0-9._:%[\]-]{0,254}$/, 'expected a host or user name');

/**
 * How to reach the node a container lives on. Never a secret: keys are named by file, passwords not at all. A document
 * may come from anyone, and an ssh option can run a command (ProxyCommand), so only harmless ones travel.
 */
export const hostReference = z.strictObject({
  client: z.enum(['openssh', 'builtin']),
  user: z
    .string()
    .regex(/^[A-Za-z0-9_.][A-Za-z0-9_.@\\-]{0,254}$/, 'expected a user name')
    .nullable(),
  name: hostWord,
  port: z.int().min(1).max(65535).nullable(),
  identity: z
    .string()
    .regex(/^[^-\p{Cc}]\P{Cc}*$/u, 'expected a path')
    .nullable(),
  legacy: z.boolean(),
  options: z.array(z.string().regex(TRAVELLING_OPTION, 'expected an ssh option that may travel')).max(50),
});
export type HostReference = z.infer<typeof hostReference>;

/** `accept-new`: a key of a host that nobody has seen yet is added to known_hosts. A changed one is always refused. */
export type HostKeyChecking = 'yes' | 'accept-new';

/** The same with what only a command line gives: any ssh option, and what to do with an unknown host key (`yes`: refuse). */
export interface SshTarget extends Readonly<Omit<HostReference, 'options'>> {
  readonly options: readonly string[];
  readonly hostKeyChecking?: HostKeyChecking;
}

const absolutePath = z.string().regex(/^\/[^\0]*$/, 'expected an absolute path');

/**
 * A source that no OpenVZ runs on, so that nothing is stopped, locked or asked there, and nothing is written: the disks of a
 * dead node, mounted below a directory of this machine, or an archive of Proxmox's vzdump.
 */
export const offlineSource = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('dir'), prefix: absolutePath }),
  z.strictObject({ from: z.literal('vzdump'), file: absolutePath }),
]);
export type OfflineSource = z.infer<typeof offlineSource>;

/** A file of the source, byte for byte (`base64` when it is not UTF-8). It travels into the archive as `vz2osctl/…`. */
export const sourceFile = z.strictObject({
  path: z.string(),
  role: z.enum(['container', 'global', 'script']),
  encoding: z.enum(['utf8', 'base64']),
  content: z.string(),
});
export type SourceFile = z.infer<typeof sourceFile>;

/** A whole number as a decimal string: sizes and limits of OpenVZ go past 2^53. */
export const decimal = z
  .string()
  // abort: whoever refines it makes a BigInt, which throws a SyntaxError for anything else.
  .regex(/^(0|[1-9][0-9]{0,19})$/, { error: 'expected a whole number as a string', abort: true });

/** `decimal`, or the word for "no limit". */
export const limit = z.union([decimal, z.literal('unlimited')]);
export type Limit = z.infer<typeof limit>;

/** Container ids of vz6: decimal, no leading zeros; 0 is the host and never a container. */
export const ctid = z.string().regex(/^[1-9][0-9]{0,9}$/, 'expected a container id');

import { once } from 'node:events';
import { pack } from 'tar-stream';

export const BLOCK_BYTES = 512;

/**
 * Ruby's Gem::Package::TarReader knows no size but eleven octal digits; no member may reach this
 * (ustar, POSIX.1-2001 pax "ustar Interchange Format").
 */
export const SIZE_LIMIT_BYTES = 8 * 1024 ** 3;

/** The most that one member holds: the last whole block below the limit. */
export const MEMBER_LIMIT_BYTES = SIZE_LIMIT_BYTES - BLOCK_BYTES;

/**
 * The 512-byte ustar header of a regular file. The name must be ASCII and fit in a plain header, the size must be
 * below 8 GiB: tar-stream would else switch to PAX or base-256 without a word, which osctld does not read. Throws
 * RangeError: all names and sizes are made by us.
 */
export async function encodeHeader(name: string, sizeBytes: number, mtime: Date): Promise<Buffer> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  if (!/^[\x00-\x7f]{1,100}$/.test(name)) throw new RangeError(`not a plain ustar name: ${name}`);
  if (sizeBytes >= SIZE_LIMIT_BYTES)
    throw new RangeError(`${name}: ${sizeBytes} bytes do not fit in a ustar header`);
  const archive = pack();
  const block = once(archive, 'data');
  archive.entry({ name, size: sizeBytes, mode: 0o600, mtime, uid: 0, gid: 0, type: 'file' });
  const [header] = (await block) as [Buffer];
  archive.destroy();
  return header;
}

/** The zeros that fill a member's last block. */
export function padding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

import type { TarExtension } from '../../source/offline/tar-entries.ts';
import { BLOCK_BYTES, padded } from '../../source/offline/tar-entries.ts';
import { checksum, paxRecords } from '../../source/offline/tar-header.ts';

/**
 * A header, and those before it, without names of owners: tar on the target would look these up in the node's own
 * passwd. All else stays as it is, byte for byte.
 */
export function withoutOwnerNames(extensions: readonly TarExtension[], header: Buffer): Buffer {
  return Buffer.concat([...extensions.flatMap(rewriteExtension), blankNames(header)]);
}

function rewriteExtension({ type, header, data }: TarExtension): Buffer[] {
  if (type !== 'x' && type !== 'g') return [blankNames(header), data];
  const records = paxRecords(data);
  if (!records.has('uname') && !records.has('gname')) return [blankNames(header), data];
  const kept = [...records].filter(([key]) => key !== 'uname' && key !== 'gname');
  const text = Buffer.from(kept.map(([key, value]) => paxRecord(key, value)).join(''), 'latin1');
  const block = Buffer.alloc(padded(text.length));
  text.copy(block);
  const resized = Buffer.from(header);
  resized.write(`${text.length.toString(8).padStart(11, '0')}\0`, SIZE, 'latin1');
  return [blankNames(resized), block];
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

function blankNames(header: Buffer): Buffer {
  const copy = Buffer.from(header.subarray(0, BLOCK_BYTES));
  copy.fill(0, OWNER_NAMES, OWNER_NAMES_END);
  copy.write(`${checksum(copy).toString(8).padStart(6, '0')}\0 `, CHECKSUM, 'latin1');
  return copy;
}

const SIZE = 124;
const CHECKSUM = 148;
/** uname and gname, 32 bytes each. */
const OWNER_NAMES = 265;
const OWNER_NAMES_END = 329;

import type { TarExtension, TarPlace } from './tar-entries.ts';
import { broken } from './tar-entries.ts';

/** An entry of a tar archive. Names are bytes, each a character, without `./` before and `/` behind; the root is empty. */
export interface TarEntry {
  readonly name: string;
  /** POSIX: `0` file, `1` hard link, `2` link, `3` and `4` devices, `5` directory, `6` pipe; GNU: `S` sparse file. */
  readonly type: string;
  readonly linkName: string;
  readonly uid: number;
  readonly gid: number;
  /** That follow the header. */
  readonly storedBytes: number;
}

/** Reads a header with those that extend it. Throws VzError (65). */
export function readEntry(header: Buffer, extensions: readonly TarExtension[], at: TarPlace): TarEntry {
  const number = (start: number, length: number): number =>
    readNumber(header.subarray(start, start + length), at);
  const sum = /^ *([0-7]{1,7})[\0 ]/.exec(header.toString('latin1', 148, 156))?.[1];
  // Noise is called what it is.
  if (sum === undefined || Number.parseInt(sum, 8) !== checksum(header))
    throw broken(at, 'no header of a tar archive');
  const type = header[156] === 0 ? '0' : String.fromCharCode(header[156] ?? 0);
  const isUstar = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? text(header, 345, 155) : '';
  const long = new Map(extensions.map((one) => [one.type, one.data]));
  const pax = paxRecords(long.get('x') ?? null);
  const name =
    pax.get('path') ?? longText(long.get('L')) ?? (prefix ? `${prefix}/` : '') + text(header, 0, 100);
  const linkName = pax.get('linkpath') ?? longText(long.get('K')) ?? text(header, 157, 100);
  const sized = (key: string, start: number, length: number): number => {
    const said = pax.get(key);
    return said === undefined ? number(start, length) : wholeNumber(said, at);
  };
  return {
    name: cleanName(pax.get('GNU.sparse.name') ?? name),
    type,
    linkName,
    uid: sized('uid', 108, 8),
    gid: sized('gid', 116, 8),
    // Links and directories have none, whatever the field says.
    storedBytes: /^[1-6]$/.test(type) ? 0 : sized('size', 124, 12),
  };
}

/** The sum of all bytes, its own field taken as blanks. */
export function checksum(header: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of header.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

/** `LENGTH KEY=VALUE\n`, as bytes. */
export function paxRecords(data: Buffer | null): Map<string, string> {
  const records = new Map<string, string>();
  let rest = data?.toString('latin1') ?? '';
  for (;;) {
    const match = /^(\d{1,7}) ([^=]*)=/.exec(rest);
    if (!match) return records;
    const [head, length = '', key = ''] = match;
    records.set(key, rest.slice(head.length, Number(length) - 1));
    rest = rest.slice(Math.max(Number(length), head.length));
  }
}

function cleanName(name: string): string {
  return name
    .replace(/^(?:\.?\/)+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '');
}

/** Octal digits, or GNU's base 256, whose first bit is set. */
function readNumber(field: Buffer, at: TarPlace): number {
  if (((field[0] ?? 0) & 0x80) === 0) {
    const digits = field.toString('latin1').split('\0', 1).join('').trim();
    if (digits === '') return 0;
    if (/^[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
    throw broken(at, 'a number of a header is not octal');
  }
  let value = 0;
  for (const [index, byte] of field.entries()) value = value * 256 + (index === 0 ? byte & 0x7f : byte);
  if (!Number.isSafeInteger(value)) throw broken(at, 'a number of a header is too large');
  return value;
}

function wholeNumber(digits: string, at: TarPlace): number {
  if (/^\d{1,15}$/.test(digits)) return Number(digits);
  throw broken(at, 'a number of a header is none');
}

function text(header: Buffer, start: number, length: number): string {
  return header
    .toString('latin1', start, start + length)
    .split('\0', 1)
    .join('');
}

function longText(data: Buffer | undefined): string | undefined {
  return data?.toString('latin1').split('\0', 1).join('');
}

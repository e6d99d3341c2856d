import { EXIT, VzError } from '../errors.ts';

export const BLOCK_BYTES = 512;

export interface Header {
  readonly name: string;
  readonly type: 'file' | 'directory';
  readonly sizeBytes: number;
  readonly mode: number;
}

/**
 * Reads one header block of the only dialect that osctld's two readers (Ruby's Gem::Package::TarReader and GNU tar)
 * understand alike: ustar with its prefix field, v7, and old GNU headers that use none of their extensions. Throws
 * VzError (65) that names the byte offset and what was found for all else.
 */
export function readHeader(block: Buffer, offsetBytes: number): Header {
  const header = new HeaderBlock(block, offsetBytes);
  header.checkSum();
  header.checkMagic();
  const type = header.type();
  const name = header.name();
  const sizeBytes = header.octal('size');
  // TarReader stops its walk of the whole archive at any numeric field that is not octal, used or not.
  for (const field of NUMERIC_FIELDS) header.octal(field);
  if (type === 'directory' && sizeBytes > 0) throw header.refusal(`directory ${name} with contents`);
  return { name, type, sizeBytes, mode: header.octal('mode') };
}

/** What an error of the archive's structure looks like. */
export function archiveError(code: string, offsetBytes: number, what: string, hint?: string): VzError {
  return new VzError(code, { exit: EXIT.data, where: `byte ${offsetBytes} of the archive`, what, hint });
}

class HeaderBlock {
  readonly #block: Buffer;
  readonly #offsetBytes: number;

  constructor(block: Buffer, offsetBytes: number) {
    this.#block = block;
    this.#offsetBytes = offsetBytes;
  }

  refusal(what: string): VzError {
    return archiveError('TAR_DIALECT', this.#offsetBytes, what, 'osctld reads plain ustar members only');
  }

  /** The sum of all bytes, with the sum's own field taken as blanks. */
  checkSum(): void {
    const [start, length] = FIELDS.checksum;
    let sum = 0x20 * length;
    for (const byte of this.#block.subarray(0, start)) sum += byte;
    for (const byte of this.#block.subarray(start + length)) sum += byte;
    // Leniently, so that noise is called what it is; the field is judged with the other numbers.
    const text = this.#text('checksum', 'whole').split('\0', 1).join('').trim();
    if (/^[0-7]+$/.test(text) && Number.parseInt(text, 8) === sum) return;
    throw archiveError(
      'TAR_CHECKSUM',
      this.#offsetBytes,
      'not a tar header (bad checksum)',
      'the archive is damaged, or not a plain tar (is it compressed?)',
    );
  }

  checkMagic(): void {
    const magic = this.#text('magic', 'whole');
    if (magic === POSIX_MAGIC || magic === V7_MAGIC) return;
    // Old GNU headers keep times and sparse maps where ustar has its prefix, and TarReader would join them to the name.
    if (magic === GNU_MAGIC && this.#field('prefix').every((byte) => byte === 0)) return;
    throw this.refusal(`unknown header format ${JSON.stringify(magic)}`);
  }

  type(): Header['type'] {
    const type = this.#text('type', 'whole');
    if (type === '0' || type === '\0') return 'file';
    if (type === '5') return 'directory';
    throw this.refusal(`${TYPE_NAMES[type] ?? 'member'} of type ${JSON.stringify(type)}`);
  }

  name(): string {
    const [prefix, rest] = [this.#text('prefix'), this.#text('name')];
    // TarReader joins the prefix whatever the magic says, and takes blanks off the end; GNU tar does neither.
    if (prefix !== '' && this.#text('magic', 'whole') !== POSIX_MAGIC) {
      throw this.refusal('a prefix without ustar');
    }
    if (/ $|\/$/.test(prefix) || / $/.test(rest) || (prefix !== '' && rest.startsWith('/'))) {
      throw this.refusal(`member name ${JSON.stringify([prefix, rest])}, which readers join differently`);
    }
    const name = prefix === '' ? rest : `${prefix}/${rest}`;
    if (/^[\x20-\x7e]+$/.test(name)) return name;
    throw this.refusal(`member name ${JSON.stringify(name)} is not printable ASCII`);
  }

  octal(field: FieldName): number {
    const first = this.#field(field)[0] ?? 0;
    if (first >= 0x80) throw this.refusal(`${field} in base 256, expected octal digits`);
    const text = this.#text(field).trim();
    if (!/^[0-7]*$/.test(text)) throw this.refusal(`${field} ${JSON.stringify(text)} is not octal`);
    return text === '' ? 0 : Number.parseInt(text, 8);
  }

  #field(name: FieldName): Buffer {
    const [start, length] = FIELDS[name];
    return this.#block.subarray(start, start + length);
  }

  #text(name: FieldName, cut: 'atNul' | 'whole' = 'atNul'): string {
    const text = this.#field(name).toString('latin1');
    const nul = text.indexOf('\0');
    if (cut === 'whole' || nul === -1) return text;
    // What stands behind the NUL is part of the field to TarReader, and not to GNU tar.
    if (/[^\0 ]/.test(text.slice(nul))) throw this.refusal(`something behind the end of ${name}`);
    return text.slice(0, nul);
  }
}

/** POSIX.1-1988 ustar: offset and length. Magic and version are taken together. */
const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
  devmajor: [329, 8],
  devminor: [337, 8],
  prefix: [345, 155],
} as const;
type FieldName = keyof typeof FIELDS;

const NUMERIC_FIELDS = ['checksum', 'mode', 'uid', 'gid', 'mtime', 'devmajor', 'devminor'] as const;

const POSIX_MAGIC = 'ustar\x0000';
const GNU_MAGIC = 'ustar  \0';
const V7_MAGIC = '\0'.repeat(8);

const TYPE_NAMES: Record<string, string> = {
  '1': 'hard link',
  '2': 'symbolic link',
  '3': 'character device',
  '4': 'block device',
  '6': 'FIFO',
  L: 'GNU long name',
  K: 'GNU long link',
  S: 'GNU sparse member',
  x: 'PAX header',
  g: 'PAX global header',
};

/**
 * Headers of records in a ZFS send stream (OpenZFS, zfs_ioctl.h: dmu_replay_record): 312 bytes, little-endian on
 * the machines that OpenVZ ran on. A payload follows whose length depends on the type.
 */
export const HEADER_BYTES = 312;
/** The running checksum of all before it, in every header but BEGIN's, where the field belongs to the name. */
export const CHECKSUM_AT = 280;

export const RECORD_TYPES = [
  'BEGIN',
  'OBJECT',
  'FREEOBJECTS',
  'WRITE',
  'FREE',
  'END',
  'WRITE_BYREF',
  'SPILL',
  'WRITE_EMBEDDED',
  'OBJECT_RANGE',
  'REDACT',
] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/** Undefined for a number that no record has. */
export function recordType(header: Buffer): RecordType | undefined {
  return RECORD_TYPES[header.readUInt32LE(0)];
}

/** Bytes of payload behind a header. Throws RangeError for a length that no stream can have. */
export function payloadBytes(type: RecordType, header: Buffer): number {
  switch (type) {
    case 'BEGIN':
      return header.readUInt32LE(4);
    case 'OBJECT':
      // bonuslen, or raw_bonuslen of a raw stream.
      return header.readUInt32LE(36) || roundUp(header.readUInt32LE(28));
    case 'WRITE':
      // logical_size, or compressed_size when there is a compression type.
      return size(header, header.readUInt8(50) === 0 ? 32 : 96);
    case 'SPILL':
      // compressed_size, 0 when it is not compressed.
      return size(header, 40) || size(header, 16);
    case 'WRITE_EMBEDDED':
      return roundUp(header.readUInt32LE(52));
    default:
      return 0;
  }
}

export interface Begin {
  /** `substream`: data of one snapshot. `compound`: substreams follow (`-R`, `-I`, `-p`). */
  readonly kind: 'substream' | 'compound';
  /** As 16 hexadecimal digits; null for the outer header of a compound stream, and where it is a full one. */
  readonly toGuid: string | null;
  readonly fromGuid: string | null;
  /** DATASET@SNAPSHOT. */
  readonly toName: string;
  /** Feature flags, hexadecimal as `zstream dump` prints them. */
  readonly features: string;
}

/** Reads a BEGIN header; `magic` tells whether it is one. */
export function readBegin(header: Buffer): Begin {
  const version = header.readBigUInt64LE(16);
  const name = header.subarray(56);
  const end = name.indexOf(0);
  return {
    kind: (version & 3n) === COMPOUND ? 'compound' : 'substream',
    toGuid: guid(header.readBigUInt64LE(40)),
    fromGuid: guid(header.readBigUInt64LE(48)),
    toName: name.toString('utf8', 0, end === -1 ? name.length : end),
    features: ((version >> 2n) & FEATURES).toString(16),
  };
}

/** `swapped`: written by a machine of the other byte order. */
export function readMagic(header: Buffer): 'zfs' | 'swapped' | 'none' {
  if (header.readBigUInt64LE(8) === MAGIC) return 'zfs';
  return header.readBigUInt64BE(8) === MAGIC ? 'swapped' : 'none';
}

function guid(value: bigint): string | null {
  return value === 0n ? null : value.toString(16).padStart(16, '0');
}

function size(header: Buffer, offset: number): number {
  const bytes = header.readBigUInt64LE(offset);
  if (bytes > LARGEST_BLOCK) throw new RangeError(`a block of ${bytes} bytes`);
  return Number(bytes);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

const MAGIC = 0x2f5bacbacn;
const COMPOUND = 2n;
/** DMU_GET_FEATUREFLAGS: 30 bits. */
const FEATURES = (1n << 30n) - 1n;
/** SPA_MAXBLOCKSIZE. */
const LARGEST_BLOCK = 16n * 1024n * 1024n;

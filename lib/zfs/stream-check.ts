import { EXIT, oneLine, VzError } from '../errors.ts';
import { Fletcher4 } from './fletcher4.ts';
import type { Begin, RecordType } from './record.ts';
import { CHECKSUM_AT, HEADER_BYTES, payloadBytes, readBegin, readMagic, recordType } from './record.ts';

export interface StreamSummary {
  readonly bytes: number;
  readonly records: number;
  /** `-R`, `-I` and `-p` make one stream of several. */
  readonly compound: boolean;
  /** Snapshots whose data is in the stream, in its order. */
  readonly snapshots: readonly Omit<Begin, 'kind'>[];
  /** Records by type. */
  readonly counts: Readonly<Partial<Record<RecordType, number>>>;
}

export interface Expectation {
  /** GUID of the snapshot that the stream has to build on; null: it has to be a full one. */
  readonly fromGuid?: string | null;
}

/**
 * Checks a ZFS send stream as it flows:
 *
 * - it begins with BEGIN, and each type is known;
 * - BEGIN and END alternate as in one stream, or as in a compound one, and nothing follows the last END;
 * - the sum in each header is that of all bytes since BEGIN (fletcher-4; streams of old ZFS carry only END's);
 * - the stream builds on the snapshot that is expected.
 *
 * A damaged payload shows at the next header. Memory does not grow with the stream.
 */
export class StreamCheck {
  readonly #expected: Expectation;
  readonly #sum = new Fletcher4();
  readonly #header = Buffer.alloc(HEADER_BYTES);
  readonly #snapshots: Omit<Begin, 'kind'>[] = [];
  readonly #counts: Partial<Record<RecordType, number>> = {};
  #headerFill = 0;
  #payloadLeft = 0;
  #bytes = 0;
  #records = 0;
  #place: 'start' | 'inside' | 'between' | 'done' = 'start';
  #isCompound = false;

  constructor(expected: Expectation = {}) {
    this.#expected = expected;
  }

  /** Told by the first record; null: that has not come yet. */
  get kind(): 'plain' | 'compound' | null {
    if (this.#place === 'start') return null;
    return this.#isCompound ? 'compound' : 'plain';
  }

  /** Throws VzError (65) at the first thing that is wrong, with the record and the offset. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#place === 'done') {
        throw this.#error('STREAM_TRAILING', 'data follows the end of the stream', this.#bytes + at);
      }
      const wanted = this.#payloadLeft || HEADER_BYTES - this.#headerFill;
      const part = chunk.subarray(at, at + wanted);
      at += part.length;
      if (this.#payloadLeft > 0) {
        this.#sum.update(part);
        this.#payloadLeft -= part.length;
        continue;
      }
      part.copy(this.#header, this.#headerFill);
      this.#headerFill += part.length;
      if (this.#headerFill < HEADER_BYTES) continue;
      this.#headerFill = 0;
      this.#readHeader(this.#bytes + at - HEADER_BYTES);
    }
    this.#bytes += chunk.length;
  }

  /** Throws VzError (65) for a stream that is not whole. */
  end(): StreamSummary {
    if (this.#bytes === 0) throw this.#error('STREAM_EMPTY', 'no send stream: nothing came', 0);
    if (this.#place !== 'done') {
      const inside =
        this.#payloadLeft > 0 ? `in the data of record ${this.#records}` : 'before its end record';
      const what = this.#headerFill > 0 ? `in record ${this.#records + 1}` : inside;
      throw this.#error('STREAM_CUT', `the send stream is cut off ${what}`, this.#bytes);
    }
    return {
      bytes: this.#bytes,
      records: this.#records,
      compound: this.#isCompound,
      snapshots: this.#snapshots,
      counts: this.#counts,
    };
  }

  #readHeader(offset: number): void {
    const header = this.#header;
    const type = recordType(header);
    this.#records += 1;
    if (type === undefined) {
      if (this.#place === 'start') throw this.#error('STREAM_MAGIC', whatInstead(header), offset);
      throw this.#error('STREAM_RECORD', `the unknown record type ${header.readUInt32LE(0)}`, offset);
    }
    this.#counts[type] = (this.#counts[type] ?? 0) + 1;
    if (type === 'BEGIN') this.#begin(offset);
    else this.#checkSums(type, offset);
    this.#payloadLeft = this.#payloadOf(type, offset);
    this.#sum.update(header.subarray(type === 'BEGIN' ? 0 : CHECKSUM_AT));
    if (type === 'END') this.#place = this.#isCompound && this.#place === 'inside' ? 'between' : 'done';
  }

  #begin(offset: number): void {
    const magic = readMagic(this.#header);
    if (magic !== 'zfs') throw this.#error('STREAM_MAGIC', whatInstead(this.#header), offset);
    if (this.#place === 'inside')
      throw this.#error('STREAM_RECORD', 'a stream begins inside of another', offset);
    const { kind, ...snapshot } = readBegin(this.#header);
    if (kind === 'compound') {
      if (this.#isCompound) throw this.#error('STREAM_RECORD', 'a compound stream inside of another', offset);
      this.#isCompound = true;
    } else {
      this.#checkBase(snapshot, offset);
      this.#snapshots.push(snapshot);
    }
    this.#place = 'inside';
    this.#sum.reset();
  }

  /** Only the first stream of each dataset in a compound one builds on what is there before. */
  #checkBase({ fromGuid, toName }: Omit<Begin, 'kind'>, offset: number): void {
    const expected = this.#expected.fromGuid;
    const before = this.#snapshots.findLast((one) => datasetOf(one.toName) === datasetOf(toName));
    if (before && fromGuid !== before.toGuid) {
      const what = `the stream of ${oneLine(toName)} does not build on that of ${oneLine(before.toName)} before it`;
      throw this.#error('STREAM_BASE', what, offset);
    }
    if (expected === undefined || this.#snapshots.length > 0 || fromGuid === expected) return;
    const base = (guid: string | null): string => (guid === null ? 'none, it is full' : `snapshot ${guid}`);
    const what = `the stream of ${oneLine(toName)} builds on ${base(fromGuid)}; expected ${base(expected)}`;
    throw this.#error('STREAM_BASE', what, offset);
  }

  #checkSums(type: RecordType, offset: number): void {
    const header = this.#header;
    if (type === 'END' && this.#place === 'between') {
      if (this.#snapshots.length === 0)
        throw this.#error('STREAM_CUT', 'a compound stream with nothing in it', offset);
      this.#sum.update(header.subarray(0, CHECKSUM_AT));
      return;
    }
    if (this.#place !== 'inside') {
      const what = this.#place === 'start' ? whatInstead(header) : `a record ${type} outside of a stream`;
      throw this.#error(this.#place === 'start' ? 'STREAM_MAGIC' : 'STREAM_RECORD', what, offset);
    }
    if (type === 'END') {
      const sum = header.subarray(END_SUM_AT, END_SUM_AT + SUM_BYTES);
      // Only that of the header of a compound stream may be absent; in streams of old ZFS there is no other sum.
      const isHeader = this.#isCompound && this.#snapshots.length === 0;
      if (sum.equals(ABSENT) && !isHeader)
        throw this.#error('STREAM_CHECKSUM', 'an END record without a checksum', offset);
      this.#compare(sum, offset);
    }
    this.#sum.update(header.subarray(0, CHECKSUM_AT));
    this.#compare(header.subarray(CHECKSUM_AT, CHECKSUM_AT + SUM_BYTES), offset);
  }

  #compare(written: Buffer, offset: number): void {
    if (written.equals(ABSENT) || written.equals(this.#sum.digest())) return;
    throw this.#error(
      'STREAM_CHECKSUM',
      'a checksum does not match: the send stream was damaged',
      offset,
      'at or before',
    );
  }

  #payloadOf(type: RecordType, offset: number): number {
    try {
      return payloadBytes(type, this.#header);
    } catch (cause) {
      if (cause instanceof RangeError)
        throw this.#error('STREAM_RECORD', `${type} with ${cause.message}`, offset);
      throw cause;
    }
  }

  #error(code: string, what: string, offset: number, at = 'at'): VzError {
    const where = `${at} record ${Math.max(this.#records, 1)}, offset ${offset}`;
    return new VzError(code, { exit: EXIT.data, where: 'send stream', what: `${what} (${where})` });
  }
}

/** Of DATASET@SNAPSHOT. */
function datasetOf(name: string): string {
  return name.slice(0, name.indexOf('@'));
}

/** Why the first bytes are no send stream. */
function whatInstead(header: Buffer): string {
  if (readMagic(header) === 'swapped') return 'a send stream of a machine with the other byte order';
  if (header[0] === 0x1f && header[1] === 0x8b) return 'gzip data, not a send stream';
  return 'not a ZFS send stream';
}

const END_SUM_AT = 8;
const SUM_BYTES = 32;
const ABSENT = Buffer.alloc(SUM_BYTES);

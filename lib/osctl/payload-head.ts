import { constants, gunzipSync } from 'node:zlib';
import type { Findings } from './findings.ts';

/** Looks at the first bytes of a ZFS send stream member: the BEGIN record's magic, behind gzip for `.gz`. */
export class SendStreamHead {
  readonly #name: string;
  readonly #parts: Buffer[] = [];
  #sizeBytes = 0;

  constructor(name: string) {
    this.#name = name;
  }

  push(chunk: Buffer): void {
    if (this.#sizeBytes >= HEAD_BYTES) return;
    // A copy: a view would keep the whole chunk in memory until the end.
    const part = Buffer.from(chunk.subarray(0, HEAD_BYTES - this.#sizeBytes));
    this.#parts.push(part);
    this.#sizeBytes += part.length;
  }

  judge(findings: Findings): void {
    const head = this.#unzipped();
    const magic = head?.subarray(8, 16);
    const found =
      magic?.length === 8 && (magic.readBigUInt64LE() === DRR_MAGIC || magic.readBigUInt64BE() === DRR_MAGIC);
    if (!found) findings.error('NOT_A_SEND_STREAM', `${this.#name} does not begin as a ZFS send stream`);
  }

  #unzipped(): Buffer | undefined {
    const head = Buffer.concat(this.#parts);
    if (!this.#name.endsWith('.gz')) return head;
    try {
      return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
    } catch {
      return undefined;
    }
  }
}

/** Small enough that even a bomb unpacks to no more than 4 MiB. */
const HEAD_BYTES = 4096;
/** DMU_BACKUP_MAGIC of OpenZFS' sys/zfs_ioctl.h, in the byte order of the sender. */
const DRR_MAGIC = 0x2f5bacbacn;

import { Fletcher4 } from '../../lib/zfs/fletcher4.ts';

/**
 * A send stream in pieces, as zfs sends it: a full one of `blocks` records WRITE of 128 KiB, with the running sum in each
 * header. Layout: zfs_ioctl.h, dmu_replay_record.
 */
export function* sendStream(blocks: number): Generator<Buffer> {
  const sum = new Fletcher4();
  const begin = header('BEGIN');
  begin.writeBigUInt64LE(0x2f5bacbacn, 8);
  // A substream, without features.
  begin.writeBigUInt64LE(1n, 16);
  begin.writeBigUInt64LE(TO_GUID, 40);
  begin.write('bench/private@generated', 56);
  sum.update(begin);
  yield begin;
  const payload = Buffer.alloc(BLOCK_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at += 4) payload.writeUInt32LE((at * 2654435761) % 2 ** 32, at);
  for (let block = 0; block < blocks; block += 1) {
    const write = header('WRITE');
    write.writeBigUInt64LE(8n, 8);
    write.writeUInt32LE(19, 16);
    write.writeBigUInt64LE(BigInt(block) * BigInt(BLOCK_BYTES), 24);
    write.writeBigUInt64LE(BigInt(BLOCK_BYTES), 32);
    write.writeBigUInt64LE(TO_GUID, 40);
    seal(write, sum);
    sum.update(payload);
    yield write;
    yield payload;
  }
  const end = header('END');
  sum.digest().copy(end, 8);
  end.writeBigUInt64LE(TO_GUID, 40);
  seal(end, sum);
  yield end;
}

export const BLOCK_BYTES = 128 * 1024;
const TO_GUID = 0x1122334455667788n;
const TYPES = { BEGIN: 0, WRITE: 3, END: 5 };

function header(type: keyof typeof TYPES): Buffer {
  const bytes = Buffer.alloc(312);
  bytes.writeUInt32LE(TYPES[type], 0);
  return bytes;
}

/** The sum of all before goes into the last 32 bytes, and is summed up as well. */
function seal(bytes: Buffer, sum: Fletcher4): void {
  sum.update(bytes.subarray(0, 280));
  sum.digest().copy(bytes, 280);
  sum.update(bytes.subarray(280));
}

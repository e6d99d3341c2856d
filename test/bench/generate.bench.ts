/** `generate.bench.mjs MIB`: prints a send stream of so many MiB. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BLOCK_BYTES, sendStream } from './send-stream.ts';

const blocks = Math.ceil((Number(process.argv[2]) * 2 ** 20) / BLOCK_BYTES);
await pipeline(Readable.from(sendStream(blocks)), process.stdout);

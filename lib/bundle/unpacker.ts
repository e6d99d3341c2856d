import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { createGunzip, type Gunzip } from 'node:zlib';

/**
 * Hands on what a payload holds: its bytes as they are, or what comes out of the gzip around them. `push` waits where
 * the gzip is behind. `push` and `end` throw zlib's Error for what is not whole gzip data.
 */
export class Unpacker {
  readonly #onData: (chunk: Buffer) => void;
  readonly #gunzip: Gunzip | undefined;
  readonly #ended: Promise<void> | undefined;
  #tail: Buffer = Buffer.alloc(0);
  #unpackedBytes = 0;

  constructor(isGzip: boolean, onData: (chunk: Buffer) => void) {
    this.#onData = onData;
    if (!isGzip) return;
    this.#gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    this.#gunzip.on('data', (chunk: Buffer) => {
      this.#unpackedBytes += chunk.length;
      onData(chunk);
    });
    this.#ended = finished(this.#gunzip);
    // `push` and `end` report it.
    this.#ended.catch(() => {});
  }

  async push(chunk: Buffer): Promise<void> {
    if (!this.#gunzip) {
      this.#onData(chunk);
      return;
    }
    this.#tail = chunk.length >= 4 ? chunk.subarray(-4) : Buffer.concat([this.#tail, chunk]).subarray(-4);
    if (this.#gunzip.destroyed || this.#gunzip.writableFinished) await this.#ended;
    else if (!this.#gunzip.write(chunk)) await Promise.race([once(this.#gunzip, 'drain'), this.#ended]);
  }

  async end(): Promise<void> {
    this.#gunzip?.end();
    await this.#ended;
  }

  /**
   * The size in the gzip trailer (RFC 1952: ISIZE, modulo 2^32) is that of all that came out: it is not for several gzip
   * members or bytes behind. True where there is no gzip.
   */
  get isOneMember(): boolean {
    if (!this.#gunzip) return true;
    return this.#tail.length === 4 && this.#tail.readUInt32LE() === this.#unpackedBytes % 2 ** 32;
  }

  stop(): void {
    this.#gunzip?.destroy();
  }
}

const CHUNK_BYTES = 128 * 1024;

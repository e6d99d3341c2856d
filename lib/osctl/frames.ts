import type { Writable } from 'node:stream';
import { NodeEnded } from './node-process.ts';
import { pour } from './pour.ts';

/** What the script of a direct import reads: `direct.sh` says what each does. */
export type FrameKind =
  | 'config'
  | 'tar'
  | 'stream'
  | 'gzip'
  | 'data'
  | 'end'
  | 'snapshots'
  | 'commit'
  | 'keep';

/**
 * Writes frames: 16 bytes of a word and a size, then the bytes.
 *
 * - Data is gathered to large frames, since each costs the far end some processes; no byte is copied.
 * - Frames never mix, and each waits until the one before was taken.
 * - Where nothing else flows a frame goes now and then, so that silence means a dead link.
 */
export class Frames {
  readonly #output: Writable;
  readonly #timer: NodeJS.Timeout;
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(output: Writable, keepMs = KEEP_MS) {
    this.#output = output;
    this.#timer = setInterval(() => this.#keep(), keepMs);
    this.#timer.unref();
  }

  /** Throws NodeEnded. */
  async data(chunk: Buffer): Promise<void> {
    this.#gathered.push(chunk);
    this.#gatheredBytes += chunk.length;
    if (this.#gatheredBytes >= FRAME_BYTES) await this.#flush();
  }

  /** Throws NodeEnded. */
  async send(kind: FrameKind, text = ''): Promise<void> {
    await this.#flush();
    await this.#write(kind, [Buffer.from(text)]);
  }

  /** Nothing goes any more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  async #flush(): Promise<void> {
    const parts = this.#gathered;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    if (parts.length > 0) await this.#write('data', parts);
  }

  #keep(): void {
    if (this.#waiting > 0) return;
    const kept = this.#gatheredBytes > 0 ? this.#flush() : this.#write('keep', []);
    // Whoever writes next hears of it.
    kept.catch(() => {});
  }

  #write(kind: FrameKind, parts: readonly Buffer[]): Promise<void> {
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    const header = Buffer.from(`${kind.padEnd(FIELD_BYTES - String(size).length)}${size}\n`);
    this.#waiting += 1;
    const written = this.#last.then(async () => {
      try {
        for (const part of [header, ...parts]) if (!(await pour(this.#output, part))) throw new NodeEnded();
      } finally {
        this.#waiting -= 1;
      }
    });
    this.#last = written.catch(() => {});
    return written;
  }
}

/** All but the newline of the 16 bytes. */
const FIELD_BYTES = 15;
const FRAME_BYTES = 4 * 1024 * 1024;
const KEEP_MS = 15_000;

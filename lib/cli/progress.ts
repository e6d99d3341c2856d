import { fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Flags } from './flags.ts';
import type { Io } from './io.ts';
import type { Log } from './log.ts';
import { formatBytes, formatDuration } from './units.ts';

export type ProgressMode = 'bar' | 'json' | 'none';

/** What is counted. */
export type Unit = 'bytes' | 'containers';

/**
 * `auto`: a bar where a person looks, and, since of the programs of a pipe only one should draw, where stdout is no pipe.
 */
export function progressMode(
  wanted: string | undefined,
  { stderrIsTty, stdoutIsPipe }: { readonly stderrIsTty: boolean; readonly stdoutIsPipe: boolean },
): ProgressMode {
  if (wanted === 'bar' || wanted === 'json' || wanted === 'none') return wanted;
  return stderrIsTty && !stdoutIsPipe ? 'bar' : 'none';
}

/** The progress of a program, as its flags say. */
export function openProgress(flags: Flags, io: Io, what: string, unit: Unit = 'bytes'): Progress {
  return new Progress({ log: io.log, mode: progressMode(flags.text('progress'), io), what, unit });
}

/** The size of what a program reads, where that is a regular file: what will come. null: nobody knows. */
export function regularFileBytes(stdin: Readable): number | null {
  if (!('fd' in stdin) || typeof stdin.fd !== 'number') return null;
  const status = fstatSync(stdin.fd);
  return status.isFile() ? status.size : null;
}

/** The chunks of a stream, counted as they are taken. */
export async function* counted(stream: AsyncIterable<Buffer>, progress: Progress): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    progress.add(chunk.length);
    yield chunk;
  }
}

/**
 * How far a copy is, on stderr: a line that is drawn anew, for a person, or lines of JSON. Nothing is said of what takes
 * less than two seconds.
 */
export class Progress {
  readonly #log: Log;
  readonly #mode: ProgressMode;
  readonly #what: string;
  readonly #unit: Unit;
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #done = 0;
  /** null: not known. */
  #total: number | null = null;
  #hasSpoken = false;

  constructor({
    log,
    mode,
    what,
    unit = 'bytes',
  }: {
    readonly log: Log;
    readonly mode: ProgressMode;
    readonly what: string;
    readonly unit?: Unit;
  }) {
    this.#log = log;
    this.#mode = mode;
    this.#what = what;
    this.#unit = unit;
    if (mode === 'none') return;
    this.#timer = setInterval(() => this.#tell(), mode === 'bar' ? BAR_MS : JSON_MS);
    this.#timer.unref();
  }

  /** Whether somebody looks: an estimate of the total is worth its cost then. */
  get isShown(): boolean {
    return this.#mode !== 'none';
  }

  /** Adds to the total. */
  expect(more: number): void {
    this.#total = (this.#total ?? 0) + more;
  }

  add(more: number): void {
    this.#done += more;
  }

  /** Takes the line away; JSON gets a last one with what it came to. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.#mode === 'bar') this.#log.status('');
    if (this.#mode === 'json' && this.#hasSpoken) this.#tell();
  }

  #tell(): void {
    const elapsedMs = performance.now() - this.#startedMs;
    if (elapsedMs < SILENT_MS) return;
    // A step may copy nothing at all, and a bar of no bytes tells a person nothing.
    if (this.#mode === 'bar' && this.#done === 0 && this.#total === null) return;
    this.#hasSpoken = true;
    const rate = (this.#done * 1000) / elapsedMs;
    if (this.#mode === 'bar') this.#log.status(`${this.#what}: ${this.#describe(rate)}`);
    else this.#log.block(`${JSON.stringify(this.#row(elapsedMs, rate))}\n`);
  }

  #row(elapsedMs: number, rate: number): object {
    const numbers =
      this.#unit === 'bytes'
        ? { bytes: this.#done, totalBytes: this.#total }
        : { containers: this.#done, totalContainers: this.#total };
    const exact = this.#unit === 'bytes' ? Math.round(rate) : Number(rate.toFixed(2));
    return { type: 'progress', what: this.#what, ...numbers, elapsedMs: Math.round(elapsedMs), rate: exact };
  }

  /** `1.2 GiB of 4 GiB, 30 %, 210 MiB/s, 14 s left`. */
  #describe(rate: number): string {
    const [done, total] = [this.#done, this.#total];
    const speed = this.#unit === 'bytes' ? `${formatBytes(Math.round(rate))}/s` : `${rate.toFixed(1)}/s`;
    // An estimate may be short of what comes.
    if (total === null || done > total) return `${this.#amount(done)}, ${speed}`;
    const percent = total === 0 ? 100 : Math.floor((done * 100) / total);
    const left = rate > 0 ? `, ${formatDuration(((total - done) * 1000) / rate)} left` : '';
    const of = this.#unit === 'bytes' ? formatBytes(done) : String(done);
    return `${of} of ${this.#amount(total)}, ${percent} %, ${speed}${left}`;
  }

  #amount(count: number): string {
    return this.#unit === 'bytes' ? formatBytes(count) : `${count} containers`;
  }
}

const SILENT_MS = 2000;
const BAR_MS = 250;
const JSON_MS = 1000;

import type { Log } from './log.ts';
import { formatBytes, formatDuration } from './units.ts';

export type ProgressMode = 'bar' | 'json' | 'none';

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

/**
 * How far a copy is, on stderr: a line that is drawn anew, for a person, or lines of JSON. Nothing is said of what takes
 * less than two seconds.
 */
export class Progress {
  readonly #log: Log;
  readonly #mode: ProgressMode;
  readonly #what: string;
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #bytes = 0;
  /** null: not known. */
  #totalBytes: number | null = null;
  #hasSpoken = false;

  constructor({
    log,
    mode,
    what,
  }: { readonly log: Log; readonly mode: ProgressMode; readonly what: string }) {
    this.#log = log;
    this.#mode = mode;
    this.#what = what;
    if (mode === 'none') return;
    this.#timer = setInterval(() => this.#tell(), mode === 'bar' ? BAR_MS : JSON_MS);
    this.#timer.unref();
  }

  /** Whether somebody looks: an estimate of the total is worth its cost then. */
  get isShown(): boolean {
    return this.#mode !== 'none';
  }

  /** Adds to the total. */
  expect(bytes: number): void {
    this.#totalBytes = (this.#totalBytes ?? 0) + bytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
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
    this.#hasSpoken = true;
    const rate = (this.#bytes * 1000) / elapsedMs;
    if (this.#mode === 'json') {
      const numbers = { bytes: this.#bytes, totalBytes: this.#totalBytes, elapsedMs: Math.round(elapsedMs) };
      this.#log.block(
        `${JSON.stringify({ type: 'progress', what: this.#what, ...numbers, rate: Math.round(rate) })}\n`,
      );
    } else this.#log.status(`${this.#what}: ${this.#describe(rate)}`);
  }

  /** `1.2 GiB of 4 GiB, 30 %, 210 MiB/s, 14 s left`. */
  #describe(rate: number): string {
    const [bytes, total] = [this.#bytes, this.#totalBytes];
    const speed = `${formatBytes(Math.round(rate))}/s`;
    // An estimate may be short of what comes.
    if (total === null || bytes > total) return `${formatBytes(bytes)}, ${speed}`;
    const percent = total === 0 ? 100 : Math.floor((bytes * 100) / total);
    const left = rate > 0 ? `, ${formatDuration(((total - bytes) * 1000) / rate)} left` : '';
    return `${formatBytes(bytes)} of ${formatBytes(total)}, ${percent} %, ${speed}${left}`;
  }
}

const SILENT_MS = 2000;
const BAR_MS = 250;
const JSON_MS = 1000;

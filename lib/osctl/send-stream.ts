import { Unpacker } from '../bundle/unpacker.ts';
import { EXIT, VzError } from '../errors.ts';
import { StreamCheck, type StreamSummary } from '../zfs/stream-check.ts';

/** What a payload member that is a ZFS send stream turned out to be: damaged, or what the summary says. */
export type SendStreamResult =
  | { readonly name: string; readonly failure: VzError }
  | { readonly name: string; readonly failure: null; readonly summary: StreamSummary };

/** Checks one `….dat[.gz]` as it flows. Memory does not grow with it, and damage makes it skip the rest. */
export class SendStream {
  readonly name: string;
  readonly #check = new StreamCheck();
  readonly #unpacker: Unpacker;
  #failure: VzError | null = null;

  constructor(name: string) {
    this.name = name;
    this.#unpacker = new Unpacker(name.endsWith('.gz'), (chunk) => this.#take(chunk));
  }

  /** Damage that was found so far. */
  get failure(): VzError | null {
    return this.#failure;
  }

  /** Told by its first record; null: that has not come yet. */
  get kind(): 'plain' | 'compound' | null {
    return this.#check.kind;
  }

  /** Never throws for what is in the stream. */
  async push(chunk: Buffer): Promise<void> {
    if (this.#failure) return;
    try {
      await this.#unpacker.push(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  async finish(): Promise<SendStreamResult> {
    try {
      if (!this.#failure) await this.#unpacker.end();
      if (!this.#failure) {
        const summary = this.#check.end();
        if (this.#unpacker.isOneMember) return { name: this.name, failure: null, summary };
        throw damaged('GZIP_MEMBERS', 'not one gzip member alone');
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#unpacker.stop();
    }
    return { name: this.name, failure: this.#failure ?? damaged('STREAM_CUT', 'cut off') };
  }

  #take(chunk: Buffer): void {
    if (this.#failure) return;
    try {
      this.#check.push(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (error instanceof VzError) {
      this.#failure ??= error;
    } else {
      const reason = error instanceof Error ? error.message : String(error);
      this.#failure ??= damaged('BAD_GZIP', `not whole gzip data (${reason})`, error);
    }
    this.#unpacker.stop();
  }
}

function damaged(code: string, what: string, cause?: unknown): VzError {
  return new VzError(code, { exit: EXIT.data, what, cause });
}

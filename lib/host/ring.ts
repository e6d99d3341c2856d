/** Keeps the last `limitBytes` of what a child says on stderr, and hands out its lines as they come. */
export class StderrRing {
  readonly #limitBytes: number;
  readonly #onLine: ((line: string) => void) | undefined;
  #tail = Buffer.alloc(0);
  #partial = '';

  constructor(limitBytes: number, onLine?: (line: string) => void) {
    this.#limitBytes = limitBytes;
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    const joined = Buffer.concat([this.#tail, chunk]);
    this.#tail = joined.subarray(Math.max(0, joined.length - this.#limitBytes));
    if (!this.#onLine) return;
    const lines = (this.#partial + chunk.toString()).split('\n');
    // A line without end must not fill the memory.
    this.#partial = (lines.pop() ?? '').slice(-this.#limitBytes);
    for (const line of lines) this.#onLine(line);
  }

  end(): void {
    if (this.#partial !== '') this.#onLine?.(this.#partial);
    this.#partial = '';
  }

  get text(): string {
    return this.#tail.toString();
  }
}

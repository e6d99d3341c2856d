import type { Readable } from 'node:stream';

/** Calls `onRecord` with each NUL-terminated record of a stream; what follows the last NUL is dropped. */
export async function splitRecords(stream: Readable, onRecord: (record: Buffer) => void): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(0); end !== -1; end = chunk.indexOf(0, start)) {
      const part = chunk.subarray(start, end);
      onRecord(rest.length === 0 ? part : Buffer.concat([rest, part]));
      rest = Buffer.alloc(0);
      start = end + 1;
    }
    const tail = chunk.subarray(start);
    rest = rest.length === 0 ? tail : Buffer.concat([rest, tail]);
  }
}

/**
 * What our scripts print: name, NUL, value, NUL, and so on. A name may come more than once. Values are bytes (a file's
 * first block, a path), so they are kept as such.
 */
export class Records {
  readonly #values: ReadonlyMap<string, readonly Buffer[]>;

  constructor(output: Buffer) {
    const values = new Map<string, Buffer[]>();
    const parts = splitAtNul(output);
    for (let index = 0; index + 1 < parts.length; index += 2) {
      const name = (parts[index] ?? Buffer.alloc(0)).toString('latin1');
      const value = parts[index + 1] ?? Buffer.alloc(0);
      values.set(name, [...(values.get(name) ?? []), value]);
    }
    this.#values = values;
  }

  /** The first value's text; undefined: no such record. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.[0]?.toString();
  }

  bytes(name: string): Buffer | undefined {
    return this.#values.get(name)?.[0];
  }

  all(name: string): string[] {
    return (this.#values.get(name) ?? []).map((value) => value.toString());
  }

  names(): string[] {
    return [...this.#values.keys()];
  }
}

function splitAtNul(output: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (let end = output.indexOf(0); end !== -1; end = output.indexOf(0, start)) {
    parts.push(output.subarray(start, end));
    start = end + 1;
  }
  return parts;
}

/**
 * The running fletcher-4 of ZFS send streams: for each 32-bit little-endian word w, a += w, b += a, c += b, d += c, all
 * modulo 2^64. JavaScript has no fast 64-bit integers, so a WebAssembly function does the loop.
 */
export class Fletcher4 {
  readonly #memory: Uint8Array;
  readonly #sums: Buffer;
  readonly #run: (start: number, end: number) => void;
  #fill = DATA;

  constructor() {
    const { exports } = new WebAssembly.Instance(module);
    const { memory, run } = exports;
    if (!(memory instanceof WebAssembly.Memory) || typeof run !== 'function')
      throw new TypeError('fletcher4');
    this.#memory = new Uint8Array(memory.buffer);
    this.#sums = Buffer.from(memory.buffer, 0, SUMS_BYTES);
    this.#run = (start, end) => void run(start, end);
  }

  /** Begins anew, at 0. */
  reset(): void {
    this.#fill = DATA;
    this.#sums.fill(0);
  }

  /** Any number of bytes; words may be split between calls. */
  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + CAPACITY - this.#fill);
      this.#memory.set(part, this.#fill);
      this.#fill += part.length;
      at += part.length;
      if (this.#fill === CAPACITY) this.#flush();
    }
  }

  /** a, b, c and d as records hold them: 32 bytes, valid until the next call. All that came must be whole words. */
  digest(): Buffer {
    this.#flush();
    return this.#sums;
  }

  #flush(): void {
    if (this.#fill === DATA) return;
    this.#run(DATA, this.#fill);
    this.#fill = DATA;
  }
}

const SUMS_BYTES = 32;
/** Where the words are put; the sums are at 0. */
const DATA = 64;
/** Small enough for the CPU's cache, and a whole number of words from DATA. */
const CAPACITY = 128 * 1024;

// Opcodes and types of the WebAssembly core specification, 5.
const I32 = 0x7f;
const I64 = 0x7e;
const VOID = 0x40;
const [BLOCK, LOOP, END, BR, BR_IF] = [0x02, 0x03, 0x0b, 0x0c, 0x0d];
const [GET, SET, TEE] = [0x20, 0x21, 0x22];
const [I32_CONST, I32_GE_U, I32_ADD, I64_ADD] = [0x41, 0x4f, 0x6a, 0x7c];
const [I64_LOAD, I64_LOAD32_U, I64_STORE] = [0x29, 0x35, 0x37];

/** Parameters, then locals. */
const [AT, STOP, A, B, C, D] = [0, 1, 2, 3, 4, 5];

const load = (local: number, offset: number): number[] => [I32_CONST, 0, I64_LOAD, 3, offset, SET, local];
const store = (local: number, offset: number): number[] => [I32_CONST, 0, GET, local, I64_STORE, 3, offset];
/** sum += what is on the stack; the new sum stays there. */
const add = (sum: number): number[] => [GET, sum, I64_ADD, TEE, sum];

const BODY = [
  ...[1, 4, I64], // four locals of 64 bits
  ...[...load(A, 0), ...load(B, 8), ...load(C, 16), ...load(D, 24)],
  ...[BLOCK, VOID, LOOP, VOID],
  ...[GET, AT, GET, STOP, I32_GE_U, BR_IF, 1],
  ...[GET, AT, I64_LOAD32_U, 2, 0, ...add(A), ...add(B), ...add(C)],
  ...[GET, D, I64_ADD, SET, D],
  ...[GET, AT, I32_CONST, 4, I32_ADD, SET, AT, BR, 0],
  ...[END, END],
  ...[...store(A, 0), ...store(B, 8), ...store(C, 16), ...store(D, 24)],
  END,
];

const named = (name: string, kind: number, index: number): number[] => [
  name.length,
  ...Buffer.from(name),
  kind,
  index,
];
/** LEB128 of a length below 16384. */
const length = (bytes: number): number[] => (bytes < 0x80 ? [bytes] : [(bytes & 0x7f) | 0x80, bytes >> 7]);
const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...length(content.length),
  ...content,
];

const module = new WebAssembly.Module(
  new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section(1, [1, 0x60, 2, I32, I32, 0]), // types: one function of two integers, without a result
    ...section(3, [1, 0]), // functions: one, of type 0
    ...section(5, [1, 0, CAPACITY / 65536]), // memories: one, in pages of 64 KiB
    ...section(7, [2, ...named('memory', 2, 0), ...named('run', 0, 0)]), // exports
    ...section(10, [1, ...length(BODY.length), ...BODY]), // code
  ]),
);

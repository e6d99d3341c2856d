import type { Readable } from 'node:stream';
import { EXIT, VzError } from '../errors.ts';
import type { Exit, Host } from './host.ts';

/** What a command prints that is read whole: status lines, listings, small files. */
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;

export interface RunResult extends Exit {
  readonly stdout: Buffer;
}

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly signal?: AbortSignal;
}

/** Runs a command to its end and keeps its output. A bad exit code is no error here; see `runChecked`. */
export async function run(host: Host, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { input, signal } = options;
  const child = host.spawn(argv, {
    stdin: input === undefined ? 'none' : 'pipe',
    ...(signal ? { signal } : {}),
  });
  if (input !== undefined) child.stdin.end(input);
  const [stdout, exit] = await Promise.all([collect(child.stdout, argv), child.done]);
  return { ...exit, stdout };
}

/** As `run`, but throws VzError (69) with the command's last line on stderr unless it exits with 0. */
export async function runChecked(
  host: Host,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await run(host, argv, options);
  checkExit(host, argv, result);
  return result.stdout.toString();
}

/** All that was begun, when all have ended. Throws what the first of the list that failed has thrown, whichever failed first. */
export async function inOrder<T extends readonly unknown[]>(
  ...begun: T
): Promise<{ readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(begun);
  return Promise.all(begun);
}

/** Throws VzError (69) with the command's last line on stderr unless it exited with 0. */
export function checkExit(host: Host, argv: readonly string[], result: Exit): void {
  if (result.code === 0) return;
  throw new VzError('COMMAND_FAILED', {
    exit: EXIT.unavailable,
    where: host.label,
    what: `${argv[0]} ${describeExit(result)}`,
  });
}

/** `exited with 9: Container already locked`, `was killed by SIGKILL`. */
export function describeExit({ code, signal, stderr }: Exit): string {
  const how = code === null ? `was killed by ${signal}` : `exited with ${code}`;
  const last = stderr.trimEnd().split('\n').at(-1);
  return last ? `${how}: ${last}` : how;
}

async function collect(stream: Readable, argv: readonly string[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > OUTPUT_LIMIT_BYTES) {
      throw new VzError('OUTPUT_TOO_LARGE', {
        exit: EXIT.data,
        what: `${argv[0]} printed more than ${OUTPUT_LIMIT_BYTES} bytes`,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

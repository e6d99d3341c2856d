import { readdir } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { execa } from 'execa';
import { EXIT, systemCode, VzError } from '../errors.ts';
import type { Exit, Host, HostProcess, SpawnOptions } from './host.ts';
import { LARGEST_FILE_BYTES, readSmallFile } from './read-file.ts';
import { StderrRing } from './ring.ts';
import { run } from './run.ts';

const STDERR_BYTES = 64 * 1024;
const KILL_AFTER_MS = 5000;

/** This machine. */
export const localHost: Host = {
  label: 'this machine',
  spawn: spawnLocal,
  readFile: async (path, { maxBytes = LARGEST_FILE_BYTES } = {}) => {
    try {
      return readSmallFile(path, maxBytes);
    } catch (error) {
      return absent(error, path);
    }
  },
  readAndRun: async ({ maxBytes, argv, signal }) => ({
    ...(await run(localHost, argv, signal ? { signal } : {})),
    file: (path) => localHost.readFile(path, { maxBytes }),
  }),
  listDirectory: async (path) => {
    try {
      return (await readdir(path)).sort();
    } catch (error) {
      return absent(error, path);
    }
  },
};

function absent(error: unknown, path: string): null {
  if (error instanceof VzError) throw error;
  const code = systemCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  const denied = code === 'EACCES' || code === 'EPERM';
  throw new VzError(denied ? 'NOT_ALLOWED' : 'UNREADABLE', {
    exit: denied ? EXIT.noPermission : EXIT.io,
    where: path,
    what: denied ? 'permission denied' : `cannot be read (${code ?? String(error)})`,
    hint: denied ? 'run as root' : undefined,
    cause: error,
  });
}

/** A child in a session of its own (execa's `detached` is setsid), never killed behind our back when we exit. */
function spawnLocal(argv: readonly string[], options: SpawnOptions = {}): HostProcess {
  const [file = '', ...rest] = argv;
  const child = execa(file, rest, {
    stdin: options.stdin === 'pipe' ? 'pipe' : 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    encoding: 'buffer',
    reject: false,
    detached: true,
    cleanup: false,
    env: { LC_ALL: 'C' },
  });
  const { stdin, stdout, stderr } = child;
  // execa drains a stream that nobody reads yet; a paused one it leaves alone, so a late reader loses nothing.
  stdout.pause();
  const ring = new StderrRing(STDERR_BYTES, options.onStderrLine);
  stderr.on('data', (chunk: Buffer) => ring.push(chunk));
  // A child that does not read its input to the end is judged by its exit code.
  stdin?.on('error', () => {});
  const ended = Promise.all([child, finished(stderr).catch(() => {})]);
  const done = ended.then(([result]): Exit => {
    ring.end();
    if (result.exitCode === undefined && result.signal === undefined) throw notRunnable(file, result.cause);
    return { code: result.exitCode ?? null, signal: result.signal ?? null, stderr: ring.text };
  });
  // Whoever awaits `done` sees the rejection; until then it must not count as unhandled.
  done.catch(() => {});
  const kill = async (): Promise<void> => {
    stdin?.destroy();
    stdout.destroy();
    signalGroup(child.pid, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), KILL_AFTER_MS);
    await done.catch(() => {});
    clearTimeout(timer);
  };
  const onAbort = (): void => void kill();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  void ended.finally(() => options.signal?.removeEventListener('abort', onAbort)).catch(() => {});
  if (options.signal?.aborted) onAbort();
  return { stdin: stdin ?? endedInput(), stdout, done, kill };
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: it has ended.
  }
}

function endedInput(): Writable {
  const nothing = new Writable();
  nothing.end();
  return nothing;
}

function notRunnable(file: string, cause: unknown): VzError {
  const code = systemCode(cause);
  return new VzError('PROGRAM_MISSING', {
    exit: EXIT.unavailable,
    where: file,
    what: code === 'ENOENT' ? 'no such program' : `cannot be run (${code ?? String(cause)})`,
    cause,
  });
}

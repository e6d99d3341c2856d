import { fstatSync } from 'node:fs';
import type { ExitCode } from '../errors.ts';
import { EXIT, systemCode, toError, VzError } from '../errors.ts';
import type { Flags } from './flags.ts';
import { checkOperands, parseFlags } from './flags.ts';
import { helpText } from './help.ts';
import type { Io } from './io.ts';
import type { Level } from './log.ts';
import { Log } from './log.ts';
import type { CommandSpec } from './spec.ts';

/** A program's work: returns its exit code; errors are thrown. */
export type Action = (flags: Flags, io: Io) => Promise<ExitCode>;

/**
 * Runs a program: flags, `--help`, signals, a closed stdout, errors to one line, exit code.
 *
 * - The first SIGINT or SIGTERM aborts `io.signal`, and the action cleans up; the second leaves at once.
 * - A reader of stdout that went away aborts as well, prints nothing, and ends with 141.
 * - A run that was not aborted never calls `process.exit()`: a pipe would lose all but its first 64 KiB.
 */
export async function runCommand(spec: CommandSpec, action: Action): Promise<void> {
  let log = new Log({ program: spec.name, stderr: process.stderr, level: 'info' });
  const abort = new AbortController();
  const stopListening = abortOnSignals(abort, () => log);
  abortOnClosedOutput(abort);
  // An action that waits for input is woken up.
  abort.signal.addEventListener('abort', () => process.stdin.destroy());
  let exit: ExitCode;
  try {
    const words = process.argv.slice(2);
    const flags = parseFlags(
      words.map((word) => (word === MANUAL ? '--help' : word)),
      spec,
    );
    log = openLog(spec, flags);
    exit = await dispatch({ spec, flags, action, abort, log });
    await flushOutput();
    abort.signal.throwIfAborted();
  } catch (error) {
    exit = reportError(abort.signal.aborted ? abort.signal.reason : error, error, log);
    if (abort.signal.aborted) leave(exit);
    else await flushOutput().catch(() => {});
  }
  stopListening();
  process.exitCode = exit;
  process.stdin.destroy();
}

interface Dispatch {
  readonly spec: CommandSpec;
  readonly flags: Flags;
  readonly action: Action;
  readonly abort: AbortController;
  readonly log: Log;
}

async function dispatch({ spec, flags, action, abort, log }: Dispatch): Promise<ExitCode> {
  if (flags.on('help') && process.argv.includes(MANUAL)) {
    const { showManual } = await import('./manual.ts');
    return showManual(spec.name, process.stdout.isTTY === true, process.env);
  }
  if (flags.on('help')) {
    process.stdout.write(helpText(spec));
    return EXIT.ok;
  }
  if (flags.on('version')) {
    process.stdout.write(`${spec.name} (vz2osctl) ${VZ2OSCTL_VERSION}\n`);
    return EXIT.ok;
  }
  checkOperands(flags, spec);
  return action(flags, {
    stdin: process.stdin,
    stdout: process.stdout,
    stdinIsTty: process.stdin.isTTY === true,
    stdoutIsTty: process.stdout.isTTY === true,
    stderrIsTty: process.stderr.isTTY === true,
    stdoutIsPipe: isPipe(process.stdout.fd),
    signal: abort.signal,
    abort: (reason) => abort.abort(reason),
    env: process.env,
    log,
  });
}

/** Shows the manual, where `--help` shows a screen. */
const MANUAL = '--help=man';

function isPipe(fd: number): boolean {
  try {
    const status = fstatSync(fd);
    return status.isFIFO() || status.isSocket();
  } catch {
    // Closed before we were started.
    return false;
  }
}

function openLog(spec: CommandSpec, flags: Flags): Log {
  const level: Level = flags.on('quiet') ? 'error' : flags.on('verbose') ? 'detail' : 'info';
  return new Log({ program: spec.name, stderr: process.stderr, level, logFile: flags.text('log-file') });
}

/** The reason of the abort counts; what broke because of it (or failed to clean up) is added in brackets. */
function reportError(reason: unknown, thrown: unknown, log: Log): ExitCode {
  const error = toError(reason);
  if (!(error instanceof VzError)) {
    log.error(
      `internal error: ${error.message} (vz2osctl ${VZ2OSCTL_VERSION}, Node.js ${process.version}); please report`,
    );
    log.block(`${error.stack ?? ''}\n`);
    return EXIT.bug;
  }
  const second = toError(thrown);
  const addition = second instanceof VzError && second !== error ? ` (${second.line})` : '';
  if (error.exit !== EXIT.outputClosed || addition) log.error(`${error.line}${addition}`);
  return error.exit;
}

const SIGNALS = { SIGINT: EXIT.sigint, SIGTERM: EXIT.sigterm } as const;

function abortOnSignals(abort: AbortController, log: () => Log): () => void {
  const handlers = Object.entries(SIGNALS).map(([name, exit]) => {
    const handler = (): void => {
      if (abort.signal.aborted) {
        log().error('left at once; children and guard processes end by themselves');
        leave(exit);
      }
      log().info(`${name}: cleaning up (once more: leave at once)`);
      abort.abort(new VzError('INTERRUPTED', { exit, what: `stopped by ${name}` }));
    };
    process.on(name, handler);
    return () => process.off(name, handler);
  });
  return () => {
    for (const off of handlers) off();
  };
}

function abortOnClosedOutput(abort: AbortController): void {
  process.stdout.on('error', (error) => {
    abort.abort(outputError(error));
  });
  // Nobody is left to tell when stderr is gone, and the work goes on.
  process.stderr.on('error', () => {});
}

/** EPIPE: the reader went away (141). Anything else, such as a full disk, is an I/O error (74). */
export function outputError(error: Error): VzError {
  if (systemCode(error) === 'EPIPE') {
    return new VzError('OUTPUT_CLOSED', {
      exit: EXIT.outputClosed,
      what: 'the reader of stdout went away',
      cause: error,
    });
  }
  return new VzError('OUTPUT', { exit: EXIT.io, where: 'stdout', what: error.message, cause: error });
}

/**
 * Ends an aborted run without waiting for stdout: its reader may never take what is still in the pipe, and what it
 * has is not whole anyway.
 */
function leave(exit: ExitCode): never {
  process.exit(exit);
}

/**
 * Waits until stdout has taken everything. It is not ended: on a socket, which stdout is under sshd and under Node.js,
 * that would be a shutdown(2) for all who write into it after us.
 */
async function flushOutput(): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write('', (error) => (error ? reject(error) : resolve()));
  });
}

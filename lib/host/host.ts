import type { Readable, Writable } from 'node:stream';

/** How a process ended. `code` is null when a signal ended it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last 64 KiB of stderr. */
  readonly stderr: string;
}

export interface SpawnOptions {
  /** `pipe`: `process.stdin` is ours to write. Default `none`: end of file at once; children never inherit stdin. */
  readonly stdin?: 'pipe' | 'none';
  /** Ends the process (TERM to its group, KILL after 5 s) when aborted. */
  readonly signal?: AbortSignal;
  /** Gets each whole line of stderr as it comes, without its newline. */
  readonly onStderrLine?: (line: string) => void;
}

export interface ReadOptions {
  /** A larger file is refused, and no more than this is ever held in memory. */
  readonly maxBytes?: number;
}

export interface ReadAndRun {
  readonly paths: readonly string[];
  /** As in ReadOptions, of each file. */
  readonly maxBytes: number;
  readonly argv: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** How the command ended, and what was read. */
export interface ReadAndRunResult extends Exit {
  readonly stdout: Buffer;
  /** What readFile gives, or throws, for a path. */
  readonly file: (path: string) => Promise<Buffer | null>;
}

export interface HostProcess {
  /** Ended already when stdin is `none`. */
  readonly stdin: Writable;
  readonly stdout: Readable;
  /**
   * Settles when the process has ended and stdout was read to its end or destroyed. A bad exit code is no rejection:
   * check it. Rejects with VzError when the program or the host could not be reached.
   */
  readonly done: Promise<Exit>;
  /** Ends it and waits: our ends of the pipes are closed, TERM to its group, KILL after 5 s. */
  readonly kill: () => Promise<void>;
}

/**
 * A machine that commands run on. Everything that the programs do to a node, local or remote, goes through this
 * interface. Children run with LC_ALL=C, so that what they print can be read, in a process group of their own, so
 * that Ctrl-C reaches only us and we decide the order.
 */
export interface Host {
  /** For messages: `this machine`, `root@node`. */
  readonly label: string;
  readonly spawn: (argv: readonly string[], options?: SpawnOptions) => HostProcess;
  /**
   * A small file's bytes; null when there is none. Throws VzError: 65 when it has more than `maxBytes`, 74 for what is no
   * regular file or cannot be read, 77, 69.
   */
  readonly readFile: (path: string, options?: ReadOptions) => Promise<Buffer | null>;
  /** Reads small files and then runs a command to its end, as `run` does: one round trip to a remote host. */
  readonly readAndRun: (request: ReadAndRun) => Promise<ReadAndRunResult>;
  /** A directory's names, sorted; null when there is none. Throws VzError (77, 74, 69). */
  readonly listDirectory: (path: string) => Promise<string[] | null>;
}

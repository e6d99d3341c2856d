import type { Io } from '../cli/io.ts';
import type { Progress } from '../cli/progress.ts';
import { VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { Journal } from './journal.ts';

export interface RunOptions {
  /** Bytes a second for what is relayed while the container runs; undefined: no limit. */
  readonly bytesPerSecond: number | undefined;
  /** How long to wait for vzctl's lock. */
  readonly waitMs: number;
  /** Seconds without a beat after which the guard starts the container. */
  readonly guardSeconds: number;
  /** Of the receive key, where it has one: the second argument of `receive skel`. */
  readonly passphrase?: string | undefined;
}

/** What all steps work with. Every command on either host is told to the log. */
export interface Run {
  readonly journal: Journal;
  /** The container's node. Its commands share a connection: there are many, and some while the container is down. */
  readonly source: Host;
  /** The new node, as root; null: there is no such session. */
  readonly root: Host | null;
  /**
   * The same two for the guard and for data, each with a connection of its own: neither shall wait for the other. The last pass
   * goes over the shared ones all the same, since a login is downtime.
   */
  readonly streams: { readonly source: Host; readonly root: Host | null };
  /** The new node, as osctl-ct-receive; null: not in use. */
  readonly receive: Host | null;
  /** The command that gets a root shell on the new node, for messages: `ssh root@node`. */
  readonly login: string;
  readonly options: RunOptions;
  readonly progress: Progress;
  readonly io: Io;
}

/** For what the container does without until somebody has done it by hand: a failure is said, and nothing waits for it. */
export async function orWarn(run: Run, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof VzError)) throw error;
    run.io.log.warning(error.line);
  }
}

/** The same run behind the point of no return, where Ctrl-C would leave a container that runs nowhere. */
export function uninterrupted(run: Run): Run {
  return { ...run, io: { ...run.io, signal: new AbortController().signal } };
}

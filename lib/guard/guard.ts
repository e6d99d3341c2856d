import { createInterface } from 'node:readline';
import { EXIT, VzError } from '../errors.ts';
import type { Host, HostProcess } from '../host/host.ts';
import { vzctlFailure } from '../vzctl/failure.ts';
import { firedError, guardExit, leftBehind, locked, silentError, startFailed } from './errors.ts';
import main from './guard.sh';
import lock from './lock.sh';
import undo from './undo.sh';

export interface GuardOptions {
  readonly ctid: string;
  /** vzctl's LOCKDIR: the lock file and the guard's state are there. */
  readonly lockDir: string;
  /** Seconds without a sign of life from us after which the guard starts the container again. */
  readonly limitSeconds: number;
  /** The container is started again this long after the stop in any case; 0: no such promise. */
  readonly maxDowntimeMs: number;
}

/**
 * Our end of the guard (see guard.sh): a process on the container's node that stops it, and starts it again when it is
 * told to, when we or the link die, or when the time is up. It is never killed by us.
 */
export class Guard {
  /** A dead run had left the container stopped, and this guard has started it again. */
  recovered = false;
  /** Aborted, with a VzError, when the guard has started the container unasked or has gone: nothing read since counts. */
  readonly lost: AbortSignal;
  /** Its directory on the node, there as long as it is. */
  readonly stateDir: string;

  readonly #ctid: string;
  readonly #process: HostProcess;
  readonly #lost = new AbortController();
  #beats: NodeJS.Timeout | undefined;
  /** Lines that nobody has waited for yet. */
  readonly #lines: string[] = [];
  #wake: () => void = () => {};
  #unansweredMs = 0;
  #over = false;
  /** It has said its last word, and nothing is left for another one to do. */
  #finished = false;
  /** A stop was asked for, and nothing has settled it since. */
  #owesStart = false;
  #complaint: VzError | undefined;

  private constructor(process: HostProcess, { ctid, lockDir }: GuardOptions) {
    this.stateDir = stateDirectory(lockDir, ctid);
    this.#ctid = ctid;
    this.#process = process;
    this.lost = this.#lost.signal;
    createInterface({ input: process.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) =>
      this.#hear(line),
    );
    process.done.then(
      (exit) => this.#end(guardExit(exit, this.#where, this.#owesStart)),
      (error: Error) => this.#end(error),
    );
  }

  /**
   * Starts a guard and waits until it holds the container's lock. Throws VzError: 75 when vzctl or another run holds
   * it, 73 when the lock directory cannot be written, 74 when what a dead run left cannot be started.
   */
  static async start(host: Host, options: GuardOptions): Promise<Guard> {
    const { ctid, lockDir, limitSeconds, maxDowntimeMs } = options;
    const child = host.spawn(
      [
        ...['sh', '-c', [lock, undo, main].join('\n'), 'vz2osctl-guard', ctid, String(limitSeconds)],
        ...[stateDirectory(lockDir, ctid), `${lockDir}/${ctid}.lck`],
        ...[String(Math.ceil(maxDowntimeMs / 1000)), String(Math.min(RETRY_SECONDS, limitSeconds))],
      ],
      { stdin: 'pipe' },
    );
    const guard = new Guard(child, options);
    for (let line = await guard.#next(); line !== 'ready'; line = await guard.#next()) {
      if (line.startsWith('locked')) throw locked(guard.#where, line.slice(7));
      if (line === 'failed') throw startFailed(guard.#where, ctid);
      if (line === 'recovered') guard.recovered = true;
    }
    // Not before: it answers nothing while it undoes what a dead one has left, which can take minutes.
    const beatMs = Math.min(5000, (limitSeconds * 1000) / 4);
    guard.#beats = setInterval(() => guard.#beat(beatMs, limitSeconds * 1000), beatMs);
    return guard;
  }

  /**
   * Its process has ended, or the link to it, and nobody knows what it has done since: `owesStart` is what it had to do
   * when we last heard of it.
   */
  get vanished(): { readonly owesStart: boolean } | undefined {
    return this.#over && !this.#finished ? { owesStart: this.#owesStart } : undefined;
  }

  /**
   * Notes what undoes the next step, which is about to be done: a line of sh that succeeds where there is nothing to
   * undo. The guard runs it at the end, however that comes. Throws VzError (74) when it cannot be noted.
   */
  async undo(command: string): Promise<void> {
    if (command.includes('\n') || Buffer.byteLength(command) > LONGEST_UNDO) {
      throw new VzError('UNDO_TOO_LONG', {
        exit: EXIT.data,
        where: this.#where,
        what: 'a name with a newline, or too long',
      });
    }
    const line = await this.#ask(`undo ${command}`);
    if (line === 'noted') return;
    throw new VzError('UNDO_REFUSED', {
      exit: EXIT.io,
      where: this.#where,
      what: `the guard could not note what is to be undone (${line})`,
      hint: 'is the file system of the lock directory full?',
    });
  }

  /** Gives vzctl's lock back: what follows may take hours, and the container may reboot meanwhile. */
  async unlock(): Promise<void> {
    await this.#ask('unlock');
  }

  /** Takes vzctl's lock again; a stop needs it. Throws VzError (75) when somebody else has it. */
  async lock(): Promise<void> {
    const line = await this.#ask('lock');
    if (line !== 'relocked') throw locked(this.#where, line.replace(/^busy /, ''));
  }

  /**
   * Stops the container; can take minutes. `mounted`: its root filesystem stays mounted. Throws what vzctl
   * failed with, as `vzctlFailure`; the guard then stays in charge.
   */
  async stop(how: 'mounted' | 'unmounted' = 'unmounted'): Promise<void> {
    this.#owesStart = true;
    const line = await this.#ask(how === 'mounted' ? 'stop mounted' : 'stop');
    if (line === 'stopped 0') return;
    const code = Number(line.replace('stopped ', ''));
    throw vzctlFailure({ verb: 'stop', ctid: this.#ctid, exit: { code, signal: null, stderr: '' } });
  }

  /** Starts the container again and waits until it runs. Throws VzError when the guard had fired before, or cannot. */
  async startAgain(): Promise<void> {
    const line = await this.#ask('start');
    if (line === 'started') return;
    if (this.#complaint) throw this.#takeComplaint();
    throw this.#lost.signal.aborted
      ? this.#lost.signal.reason
      : new VzError('GUARD_PROTOCOL', { exit: EXIT.bug, where: this.#where, what: `guard said ${line}` });
  }

  /** True: the guard will not start the container any more, whatever happens. False: it was too late. */
  async disarm(): Promise<boolean> {
    return (await this.#ask('disarm')) === 'disarmed';
  }

  /**
   * Lets the guard go, however the run went: it starts the container if it still owes that, gives the lock back, and
   * ends. Never throws; returns the guard's complaint when the container could not be started.
   */
  async release(): Promise<VzError | undefined> {
    if (!this.#over) {
      this.#process.stdin.end('end\n');
      await this.#process.done.catch(() => {});
    }
    clearInterval(this.#beats);
    return this.#takeComplaint();
  }

  /** Said once, by whoever comes first. */
  #takeComplaint(): VzError | undefined {
    const complaint = this.#complaint;
    this.#complaint = undefined;
    return complaint;
  }

  get #where(): string {
    return `ct ${this.#ctid}`;
  }

  #hear(line: string): void {
    this.#unansweredMs = 0;
    if (line === 'bye' || line === 'failed') this.#finished = true;
    if (line === 'beat' || line === 'bye') return;
    if (/^(started|fired|disarmed|failed)/.test(line)) this.#owesStart = false;
    if (line.startsWith('left ')) {
      this.#complaint ??= leftBehind(this.#where, line.slice(5));
      return;
    }
    if (line === 'failed') this.#complaint = startFailed(this.#where, this.#ctid);
    if (line.startsWith('fired')) this.#lose(firedError(this.#where, line.slice(6)));
    this.#lines.push(line);
    this.#wake();
  }

  /** Counted in beats, not by the clock: when we were stopped ourselves, the guard has had no chance to answer. */
  #beat(beatMs: number, limitMs: number): void {
    this.#process.stdin.write('beat\n');
    this.#unansweredMs += beatMs;
    if (this.#unansweredMs > limitMs) this.#lose(silentError(this.#where));
  }

  #end(error: Error): void {
    this.#over = true;
    clearInterval(this.#beats);
    this.#lose(error);
    this.#wake();
  }

  #lose(error: Error): void {
    if (!this.#lost.signal.aborted) this.#lost.abort(error);
  }

  #ask(word: string): Promise<string> {
    const answer = this.#next();
    this.#process.stdin.write(`${word}\n`);
    return answer;
  }

  /** The next line of the guard; throws why it is gone when there is none to come. */
  async #next(): Promise<string> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#over) throw this.#takeComplaint() ?? this.#lost.signal.reason;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function stateDirectory(lockDir: string, ctid: string): string {
  return `${lockDir}/${ctid}.vz2osctl`;
}

/** A line in the guard's FIFO is written at once up to PIPE_BUF, 4096. */
const LONGEST_UNDO = 3000;
/** Between tries of a start that fails. */
const RETRY_SECONDS = 5;

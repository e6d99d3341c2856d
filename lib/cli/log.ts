import { appendFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { EXIT, oneLine, VzError } from '../errors.ts';

export type Level = 'error' | 'warning' | 'info' | 'detail';

const RANK: Record<Level, number> = { error: 0, warning: 1, info: 2, detail: 3 };

export interface LogOptions {
  readonly program: string;
  readonly stderr: Writable;
  readonly level: Level;
  readonly logFile?: string | undefined;
}

/** What the programs say to people: lines on stderr, and all of them in the log file. */
export class Log {
  readonly #options: LogOptions;
  /** Stands in the terminal's last line, without a newline. */
  #status = '';
  #statusShown = false;
  #logFile: string | undefined;

  /** Throws VzError (73) when the log file cannot be written. */
  constructor(options: LogOptions) {
    this.#options = options;
    this.#logFile = options.logFile;
    if (options.logFile !== undefined) append(options.logFile, '');
  }

  error(text: string): void {
    this.#say('error', text);
  }

  warning(text: string): void {
    this.#say('warning', `warning: ${text}`);
  }

  info(text: string): void {
    this.#say('info', text);
  }

  /** Shown with -v: the commands that are run. */
  detail(text: string): void {
    this.#say('detail', text);
  }

  /** A text of several lines, as it is, without the program's name before each. */
  block(text: string): void {
    if (RANK[this.#options.level] >= RANK.info) this.#write(text);
    this.#append(text);
  }

  /** A line of a terminal that the next one takes the place of; empty: none. Not for the log file. */
  status(text: string): void {
    if (RANK[this.#options.level] < RANK.info || (text === '' && this.#status === '')) return;
    this.#status = text;
    this.#write('');
  }

  #write(text: string): void {
    const clear = this.#statusShown ? '\r\x1b[K' : '';
    this.#statusShown = this.#status !== '';
    this.#options.stderr.write(`${clear}${text}${oneLine(this.#status)}`);
  }

  #say(level: Level, text: string): void {
    const { program } = this.#options;
    const line = `${program}: ${oneLine(text)}\n`;
    if (RANK[level] <= RANK[this.#options.level]) this.#write(line);
    this.#append(`${new Date().toISOString()} ${line}`);
  }

  /** A log that cannot be written any more (a full disk) must not end a run that has stopped a container. */
  #append(text: string): void {
    if (this.#logFile === undefined) return;
    try {
      append(this.#logFile, text);
    } catch (error) {
      this.#logFile = undefined;
      if (error instanceof VzError) this.warning(`${error.line}: nothing more is logged`);
    }
  }
}

function append(path: string, text: string): void {
  try {
    appendFileSync(path, text, { mode: 0o600 });
  } catch (cause) {
    throw new VzError('LOG_FILE', {
      exit: EXIT.cantCreate,
      where: path,
      what: 'cannot write the log file',
      cause,
    });
  }
}

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

  /** Throws VzError (73) when the log file cannot be written. */
  constructor(options: LogOptions) {
    this.#options = options;
    if (options.logFile !== undefined) this.#append(options.logFile, '');
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
    const { level, logFile } = this.#options;
    if (RANK[level] >= RANK.info) this.#write(text);
    if (logFile !== undefined) this.#append(logFile, text);
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
    const { program, logFile } = this.#options;
    const line = `${program}: ${oneLine(text)}\n`;
    if (RANK[level] <= RANK[this.#options.level]) this.#write(line);
    if (logFile !== undefined) this.#append(logFile, `${new Date().toISOString()} ${line}`);
  }

  #append(path: string, text: string): void {
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
}

import { openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';

/**
 * Whether a person can be asked. The terminal is shared by all programs of a pipe, which must not ask at once: only the one
 * whose stdin it is may.
 */
export function canAsk(): boolean {
  return process.stdin.isTTY === true;
}

/** Asks on the terminal, without echo, for the passphrase of a key. null: nothing was typed, or the input ended. */
export async function askPassphrase(keyFile: string): Promise<string | null> {
  const descriptor = openSync('/dev/tty', 'r+');
  const terminal = new ReadStream(descriptor);
  writeSync(descriptor, `Passphrase of ${keyFile}: `);
  terminal.setRawMode(true);
  try {
    return await readLine(terminal);
  } finally {
    terminal.setRawMode(false);
    writeSync(descriptor, '\n');
    terminal.destroy();
  }
}

/** A raw terminal hands over each key as it is pressed, those with a meaning too. */
async function readLine(terminal: ReadStream): Promise<string | null> {
  let line = '';
  for await (const text of terminal.setEncoding('utf8') as AsyncIterable<string>) {
    for (const key of text) {
      if (key === '\r' || key === '\n') return line === '' ? null : line;
      if (key === CONTROL_C) {
        process.kill(process.pid, 'SIGINT');
        return null;
      }
      if (key === CONTROL_D) return null;
      if (key === CONTROL_U) line = '';
      else if (key === DELETE || key === BACKSPACE) line = line.slice(0, -1);
      else line += key;
    }
  }
  return null;
}

const CONTROL_C = '\x03';
const CONTROL_D = '\x04';
const BACKSPACE = '\b';
const CONTROL_U = '\x15';
const DELETE = '\x7f';

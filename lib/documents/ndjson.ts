import { once } from 'node:events';
import { pipeline, type Readable, type Writable } from 'node:stream';
import split2 from 'split2';
import { EXIT, VzError } from '../errors.ts';

/** One document's line; the largest config with all its action scripts is below this. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;

export interface Line {
  readonly number: number;
  readonly value: object;
}

/**
 * Reads NDJSON: one JSON object a line, blank lines skipped. Throws VzError (exit 65) naming the line for anything
 * else, for a line longer than 32 MiB, and (exit 74) when the stream breaks.
 */
export async function* readLines(input: Readable): AsyncGenerator<Line> {
  // Not pipe(): it hands on neither an error nor that a signal destroyed stdin, and the reading would wait for ever.
  const lines = pipeline(input, split2({ maxLength: MAX_LINE_BYTES }), () => {});
  let number = 0;
  try {
    for await (const text of lines as AsyncIterable<string>) {
      number += 1;
      if (text.trim() !== '') yield { number, value: parseObject(text, number) };
    }
  } catch (error) {
    if (error instanceof Error && error.message === 'maximum buffer reached') {
      throw new VzError('LINE_TOO_LONG', {
        exit: EXIT.data,
        where: `line ${number + 1}`,
        what: `longer than ${MAX_LINE_BYTES} bytes`,
      });
    }
    throw error;
  }
}

function parseObject(text: string, number: number): object {
  const where = `line ${number}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new VzError('NOT_JSON', {
      exit: EXIT.data,
      where,
      what: 'not JSON',
      hint: 'expected one document a line, whole (is an earlier stage failing?)',
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new VzError('NOT_A_DOCUMENT', { exit: EXIT.data, where, what: 'expected a JSON object' });
  }
  return value;
}

/** Writes one document as one line (or indented, for people), waiting for a slow reader. */
export async function writeDocument(output: Writable, document: object, pretty = false): Promise<void> {
  const text = `${pretty ? JSON.stringify(document, null, 2) : JSON.stringify(document)}\n`;
  if (!output.write(text)) await once(output, 'drain');
}

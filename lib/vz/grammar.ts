import { isUtf8 } from 'node:buffer';

/** A line that is neither blank nor a comment. `key` is empty when it is not an assignment (`rejected` says why). */
export interface GrammarLine {
  readonly number: number;
  readonly key: string;
  /** The value after vzctl's grammar, or the whole line of a rejected one. */
  readonly raw: string;
  /** `latin1`: key or value is not UTF-8, and each character stands for one byte. */
  readonly encoding: 'utf8' | 'latin1';
  readonly rejected: string | null;
  /** The value began with a quote that nothing closed: `raw` is the rest of the line. */
  readonly isUnmatched: boolean;
  /** The line before the backslash pass, one character a byte: what a shell that sources the file sees. */
  readonly source: string;
}

/**
 * Splits a config into its lines as vzctl 3.1 and later do (parse_line of its util.c). Any bytes are accepted; each
 * line that is not blank and no comment comes out exactly once.
 *
 * - Every `\` is removed and the byte after it kept, on the whole line before all else: an escaped quote counts as a
 *   quote, `\#` begins a comment, and there are no continuation lines.
 * - White space at both ends goes (so CRLF is read well); the key is what stands before the first `=`, unchanged.
 * - A value that begins with `"` runs to the last `"` of the line; any other is the rest of the line as it is.
 * - For a quote that nothing closes, vzctl up to 3.0.30 takes the rest of the line and later ones skip it. It is
 *   taken here and marked, which reads the files of both.
 */
export function* readGrammar(config: Buffer): Generator<GrammarLine> {
  const lines = config.toString('latin1').split('\n');
  for (const [index, source] of lines.entries()) {
    const line = readLine(source, index + 1);
    if (line) yield line;
  }
}

function readLine(source: string, number: number): GrammarLine | null {
  const text = trim(source.includes('\\') || source.includes('\0') ? removeBackslashes(source) : source);
  if (text === '' || text.startsWith('#')) return null;
  const equals = text.indexOf('=');
  if (equals === -1) return toLine('', text, number, source, 'no "=" on the line');
  if (equals >= KEY_LIMIT_BYTES) {
    return toLine('', text, number, source, `the key has ${KEY_LIMIT_BYTES} bytes or more`);
  }
  const key = text.slice(0, equals);
  const value = text.slice(equals + 1);
  if (!value.startsWith('"')) return toLine(key, value, number, source);
  const end = value.lastIndexOf('"');
  if (end === 0) return { ...toLine(key, value.slice(1), number, source), isUnmatched: true };
  return toLine(key, value.slice(1, end), number, source);
}

/** fgets() fills a C string: what stands behind a NUL byte is not seen. */
function removeBackslashes(source: string): string {
  const [visible = ''] = source.split('\0', 1);
  return visible.replace(/\\(.?)/gs, '$1');
}

/** isspace(3) in the C locale; String.trim() would take more, such as the no-break space's byte. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACES.includes(text.charAt(start))) start += 1;
  while (end > start && SPACES.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function toLine(
  key: string,
  raw: string,
  number: number,
  source: string,
  rejected: string | null = null,
): GrammarLine {
  // Nearly all lines are ASCII, where one character is one byte in either reading.
  if (isAscii(key) && isAscii(raw)) {
    return { number, key, raw, encoding: 'utf8', rejected, isUnmatched: false, source };
  }
  const parts = [key, raw].map((part) => Buffer.from(part, 'latin1'));
  const isText = parts.every((part) => isUtf8(part));
  const encoding = isText ? 'utf8' : 'latin1';
  const [keyText = '', rawText = ''] = parts.map((part) => part.toString(encoding));
  return { number, key: keyText, raw: rawText, encoding, rejected, isUnmatched: false, source };
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 0x7f) return false;
  }
  return true;
}

const SPACES = ' \t\n\v\f\r';

/** vzctl's STR_SIZE: the buffer that a key is copied to. */
const KEY_LIMIT_BYTES = 512;

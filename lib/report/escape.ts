import { oneLine } from '../errors.ts';

/** For a terminal: ASCII only, so that a character is a column and none drives the terminal. */
export function asciiText(text: string): string {
  return oneLine(text)
    .replaceAll('…', '...')
    .replace(/[^\x20-\x7e]/gu, codePoint);
}

/** For a file: letters of all languages stay; controls, and what turns the direction of text or is not seen, do not. */
export function visibleText(text: string): string {
  return oneLine(text).replace(INVISIBLE, codePoint);
}

/** The same for JSON text, where only an escape keeps the value as it is. */
export function visibleJson(json: string): string {
  return json.replace(INVISIBLE_OR_CONTROL, (char) =>
    Array.from({ length: char.length }, (_, at) => char.charCodeAt(at))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** Cuts at a limit of characters, never within one. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const chars = [...text.slice(0, 2 * limit)];
  return chars.length <= limit ? chars.join('') : `${chars.slice(0, limit - 3).join('')}...`;
}

function codePoint(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Formats (Cf: bidirectional overrides, zero width), separators of lines, lone surrogates, private and unassigned. */
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;
/** JSON.stringify escapes those below 0x20 by itself; its own newlines and blanks are none of these. */
const INVISIBLE_OR_CONTROL = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

export interface JsonString {
  /** Of its opening quote. */
  readonly start: number;
  /** Behind its closing quote. */
  readonly end: number;
  readonly hasSurrogateEscape: boolean;
  /** What stands between it and the end of its colon, when it is a key. */
  readonly colon: string | undefined;
}

/**
 * The strings of a JSON text that is known to parse, keys and values. By hand: an expression for a string runs out of
 * stack at some megabytes.
 */
export function* jsonStrings(text: string): Generator<JsonString, void, undefined> {
  for (let start = text.indexOf('"'); start !== -1; ) {
    let hasSurrogateEscape = false;
    let at = start + 1;
    while (at < text.length && text[at] !== '"') {
      if (text[at] !== '\\') at += 1;
      else {
        hasSurrogateEscape ||= SURROGATE.test(text.slice(at + 1, at + 4));
        at += 2;
      }
    }
    const end = at + 1;
    COLON.lastIndex = end;
    yield { start, end, hasSurrogateEscape, colon: COLON.exec(text)?.[0] };
    start = text.indexOf('"', end);
  }
}

const SURROGATE = /^u[dD][89a-fA-F]/;
const COLON = /\s*:/y;

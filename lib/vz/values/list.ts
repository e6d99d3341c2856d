import type { Note } from '../value.ts';
import { quoted } from '../value.ts';

/** Which tokens of a list count: all up to the first bad one, which takes the rest of the line with it. */
export interface Taken<T> {
  readonly taken: readonly T[];
  readonly notes: readonly Note[];
  /** The first bad token, with what is wrong about it; null: all are good. */
  readonly bad: string | null;
}

/** Splits at `separators` like strtok(3): runs of them count as one, and none are kept at the ends. */
export function splitTokens(raw: string, separators: RegExp): string[] {
  return raw.split(separators).filter((token) => token !== '');
}

/**
 * Reads tokens until one is bad. vzctl has stored those before it by then, so they count, and the rest of the line
 * does not.
 */
export function takeTokens<T>(tokens: readonly string[], read: (token: string) => T | string): Taken<T> {
  const taken: T[] = [];
  for (const [index, token] of tokens.entries()) {
    const result = read(token);
    if (typeof result !== 'string') {
      taken.push(result);
      continue;
    }
    const bad = `${quoted(token)}: ${result}`;
    const rest = tokens.length - index - 1;
    const text = `${bad}; it${rest > 0 ? ` and the ${rest} after it` : ''} do${rest > 0 ? '' : 'es'} not count`;
    return { taken, notes: [{ code: 'INVALID_PART', text }], bad };
  }
  return { taken, notes: [], bad: null };
}

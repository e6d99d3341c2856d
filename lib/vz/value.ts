import type { ItemValue } from '../documents/values.ts';

/** Something to tell about a value that counts all the same. */
export interface Note {
  readonly code: 'NUMBER_CUT' | 'INVALID_PART';
  readonly text: string;
}

export interface ValueContext {
  /** Decimal container id, for `$VEID`. */
  readonly ctid: string;
  /** Bytes of one page on the node. */
  readonly pageSize: number;
}

/** A typed value, or the reason why vzctl takes the key as absent. */
export type ParsedValue =
  | { readonly value: ItemValue; readonly notes: readonly Note[] }
  | { readonly reason: string };

export type ValueParser = (raw: string, context: ValueContext) => ParsedValue;

export function valid(value: ItemValue, notes: readonly Note[] = []): ParsedValue {
  return { value, notes };
}

export function invalid(reason: string): ParsedValue {
  return { reason };
}

/** A value's text in a message: quoted, and short however long the line is. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** A page where the node was not asked; `P` and sizes with a suffix depend on it. */
export const X86_PAGE_BYTES = 4096;

import type { ConfigItem } from '../documents/vz-config.ts';
import type { GrammarLine } from './grammar.ts';
import type { KeyRule } from './keys.ts';
import { ruleFor } from './keys.ts';
import { reasonForUnknown } from './unknown-keys.ts';
import type { Note, ValueContext } from './value.ts';

/** A line on its way to becoming an item: what it says for itself, before the other lines are looked at. */
export interface Entry {
  readonly line: GrammarLine;
  /** `used` until another line takes its place. */
  readonly item: ConfigItem;
  readonly rule: KeyRule | null;
  readonly notes: readonly Note[];
}

/** Reads a line's value by the rule of its key. Never throws: what cannot be read gets a state and a reason. */
export function readEntry(line: GrammarLine, origin: ConfigItem['origin'], context: ValueContext): Entry {
  const { key, raw, encoding, number, rejected } = line;
  const base = { key, raw, encoding, value: null, line: number, origin } as const;
  const entry = { line, rule: null, notes: [] } as const;
  if (rejected !== null) return { ...entry, item: { ...base, state: 'rejected', reason: rejected } };
  const rule = ruleFor(key);
  if (!rule) return { ...entry, item: { ...base, state: 'unknown', reason: reasonForUnknown(key) } };
  const parsed = rule.parse(raw, context);
  if ('reason' in parsed) {
    return { ...entry, rule, item: { ...base, state: 'invalid', reason: parsed.reason } };
  }
  const item: ConfigItem = { ...base, value: parsed.value, state: 'used', reason: null };
  return { line, rule, notes: parsed.notes, item };
}

/** The entry with its item changed. */
export function withItem(entry: Entry, change: Partial<ConfigItem>): Entry {
  return { ...entry, item: { ...entry.item, ...change } };
}

/** A line in a message: `line 7` of the container's config, `vz.conf line 7` of the global one. */
export function place({ item }: Entry): string {
  return item.origin === 'global' ? `vz.conf line ${item.line}` : `line ${item.line}`;
}

import type { ConfigItem } from '../documents/vz-config.ts';
import type { GrammarLine } from './grammar.ts';
import type { KeyRule } from './parameters.ts';
import { ruleFor } from './parameters.ts';
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
  const { rejected } = line;
  if (rejected !== null)
    return { line, rule: null, notes: [], item: toItem(line, origin, 'rejected', rejected) };
  const rule = ruleFor(line.key);
  if (!rule) {
    const item = toItem(line, origin, 'unknown', reasonForUnknown(line.key));
    return { line, rule: null, notes: [], item };
  }
  const parsed = rule.parse(line.raw, context);
  if ('reason' in parsed)
    return { line, rule, notes: [], item: toItem(line, origin, 'invalid', parsed.reason) };
  return { line, rule, notes: parsed.notes, item: toItem(line, origin, 'used', null, parsed.value) };
}

function toItem(
  { key, raw, encoding, number }: GrammarLine,
  origin: ConfigItem['origin'],
  state: ConfigItem['state'],
  reason: string | null,
  value: ConfigItem['value'] = null,
): ConfigItem {
  return { key, raw, encoding, value, line: number, origin, state, reason };
}

/** The entry with its item changed. */
export function withItem(entry: Entry, change: Partial<ConfigItem>): Entry {
  return { ...entry, item: { ...entry.item, ...change } };
}

/** A line in a message: `line 7` of the container's config, `vz.conf line 7` of the global one. */
export function place({ item }: Entry): string {
  return item.origin === 'global' ? `vz.conf line ${item.line}` : `line ${item.line}`;
}

import type { Severity } from '../documents/report.ts';
import { severity as severities } from '../documents/report.ts';
import type { ConfigItem } from '../documents/vz-config.ts';
import type { Ledger } from './ledger.ts';

/** What became of one of the several things that an item names. */
export interface Part {
  readonly name: string;
  readonly fate: 'converted' | 'approximated' | 'dropped';
  /** `info` for what is converted. */
  readonly severity: Severity;
  readonly text: string;
}

/**
 * Gives an item the fate of its worst part, in words that name every part, the worst first. Of parts that matter alike
 * a dropped one is the worst; parts of which nothing is lost make a dropped item only when all of them are dropped.
 * An item without parts is left to its parameter's row.
 */
export function decideByParts(ledger: Ledger, item: ConfigItem, parts: readonly Part[]): void {
  if (parts.length === 0) return;
  const sorted = [...parts].sort((one, other) => rank(other.severity) - rank(one.severity));
  const severity = sorted[0]?.severity ?? 'info';
  const worst = severity === 'info' ? parts : parts.filter((part) => part.severity === severity);
  const isDropped = ({ fate }: Part): boolean => fate === 'dropped';
  const text = describe(sorted);
  if (severity === 'info' ? worst.every(isDropped) : worst.some(isDropped)) {
    ledger.drop(item, text, severity);
  } else if (worst.some(({ fate }) => fate === 'approximated')) {
    ledger.approximate(item, text, severity);
  } else {
    ledger.convert(item, text);
  }
}

/** Parts that fared alike share their words: `null, zero: there anyway; tun: added after the import`. */
function describe(parts: readonly Part[]): string {
  const names = new Map<string, Set<string>>();
  for (const { name, text } of parts) {
    const alike = names.get(text);
    if (alike) alike.add(name);
    else names.set(text, new Set([name]));
  }
  return [...names].map(([text, alike]) => `${[...alike].join(', ')}: ${text}`).join('; ');
}

function rank(severity: Severity): number {
  return severities.options.indexOf(severity);
}

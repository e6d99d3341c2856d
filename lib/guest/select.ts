import { usage } from '../cli/flags.ts';
import { nearest } from '../cli/nearest.ts';
import type { Fix } from './fix.ts';
import { FIXES } from './table.ts';

/** What the user wants of the fixes. */
export interface Selection {
  /** null: those for the guest's distribution. */
  readonly only: readonly string[] | null;
  readonly skip: readonly string[];
}

/** A fix of a script, and whether it is only reported as skipped. */
export interface Selected {
  readonly fix: Fix;
  readonly skipped: boolean;
}

/**
 * The fixes for a guest of a distribution (null: all there are). It narrows them down, no more: what is done, the script
 * decides by the tree. Those for `other` can tell whose tree it is.
 */
export function selectFixes(distribution: string | null, { only, skip }: Selection): Selected[] {
  const wanted = ({ id, distributions }: Fix): boolean =>
    only === null
      ? distributions === null || distribution === null || distributions.includes(distribution)
      : only.includes(id);
  return FIXES.filter(wanted).map((fix) => ({ fix, skipped: skip.includes(fix.id) }));
}

/** Comma-separated ids of a flag; throws VzError (64) for one that no fix has. */
export function readFixIds(flag: string, text: string): string[] {
  const ids = text.split(',');
  const known = FIXES.map(({ id }) => id);
  for (const id of ids) {
    if (known.includes(id)) continue;
    const near = nearest(id, known);
    throw usage(
      `--${flag}: no fix is called ${JSON.stringify(id.slice(0, 80))}`,
      near === undefined ? 'vz-guest-fix --list shows them all' : `did you mean ${near}?`,
    );
  }
  return ids;
}

/** `--guest-fix`: `auto` those for the distribution, `none`, or ids. Throws VzError (64). */
export function readGuestFixFlag(text: string): Selection | null {
  if (text === 'none') return null;
  return { only: text === 'auto' ? null : readFixIds('guest-fix', text), skip: [] };
}

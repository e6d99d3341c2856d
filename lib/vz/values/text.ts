import type { ParsedValue, ValueParser } from '../value.ts';
import { invalid, quoted, valid } from '../value.ts';

/** Any text; vzctl checks nothing. */
export function parseText(raw: string): ParsedValue {
  return valid({ type: 'text', text: raw });
}

/** `yes` or `no` and nothing else: ONBOOT=auto is Virtuozzo 7's. */
export function parseFlag(raw: string): ParsedValue {
  if (raw === 'yes' || raw === 'no') return valid({ type: 'flag', on: raw === 'yes' });
  return invalid(`${quoted(raw)} is neither yes nor no`);
}

/** One of a few words. */
export function parseChoice(words: readonly string[]): ValueParser {
  return (raw) => {
    if (words.includes(raw)) return valid({ type: 'text', text: raw });
    return invalid(`${quoted(raw)} is not one of ${words.join(', ')}`);
  };
}

/** NAME: ASCII letters, digits, space and `- + _ .`. */
export function parseName(raw: string): ParsedValue {
  if (/^[A-Za-z0-9 +_.-]*$/.test(raw)) return valid({ type: 'text', text: raw });
  return invalid('a name has letters, digits, spaces and - + _ . only');
}

/** A decimal fraction, kept as text: no document computes with it. */
export function parseFloat10(raw: string): ParsedValue {
  if (/^[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})$/.test(raw)) return valid({ type: 'text', text: raw });
  return invalid(`${quoted(raw)} is not a number`);
}

/**
 * VE_ROOT, VE_PRIVATE: trailing slashes go, then the first `$VEID`, else the first `${VEID}`, becomes the id. One
 * replacement, no other variable (`$VEIDx` gives `101x`).
 */
export function parsePath(raw: string, { ctid }: { readonly ctid: string }): ParsedValue {
  let end = raw.length;
  while (end > 1 && raw.charAt(end - 1) === '/') end -= 1;
  const path = raw.slice(0, end);
  const variable = path.includes('$VEID') ? '$VEID' : '${' + 'VEID}';
  return valid({ type: 'text', text: path.replace(variable, () => ctid) });
}

/** VE_LAYOUT: `simfs` or `ploop[:MODE]`. Virtuozzo writes numbers. */
export function parseLayout(raw: string): ParsedValue {
  if (raw === 'simfs') return valid({ type: 'layout', layout: 'simfs', mode: null });
  const match = /^ploop(?::(expanded|plain|raw))?$/.exec(raw);
  if (match) return valid({ type: 'layout', layout: 'ploop', mode: match[1] ?? null });
  if (/^\d+$/.test(raw)) return invalid(`${quoted(raw)} is a layout of Virtuozzo, not of OpenVZ Legacy`);
  return invalid(`${quoted(raw)} is not simfs, ploop, ploop:expanded, ploop:plain or ploop:raw`);
}

/** CPUMASK, NODEMASK: `all`, ranges such as `0-2,7`, and for CPUs `auto`. */
export function parseMask(canBeAuto: boolean): ValueParser {
  return (raw) => {
    if (raw === 'all' || (canBeAuto && raw === 'auto')) return valid({ type: 'cpumask', mask: raw });
    const ranges = raw.split(',').map((range) => /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range));
    const isRising = ranges.every((range) => range && Number(range[1]) <= Number(range[2] ?? range[1]));
    if (isRising) return valid({ type: 'cpumask', mask: raw });
    return invalid(`${quoted(raw)} is not a list such as 0-2,7`);
  };
}

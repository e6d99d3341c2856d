import type { ItemValue } from '../../documents/values.ts';
import type { SuffixRules } from '../numbers.ts';
import { LONG_MAX, parseQuantity, parseWhole, toLimit } from '../numbers.ts';
import type { Note, ParsedValue, ValueParser } from '../value.ts';
import { invalid, quoted, valid } from '../value.ts';

type LimitUnit = Extract<ItemValue, { type: 'limits' }>['unit'];

/**
 * `BARRIER[:LIMIT]`, both sides equal when there is one number. An empty value is `0:0`. LONG_MAX and 2147483647
 * (LONG_MAX of the 32-bit hosts that many files come from) become `unlimited`. Versions of vzctl differ on
 * `unlimited` for DISKSPACE and DISKINODES; those that refuse it then apply no limit, so it is read as that.
 */
export function parseLimits(unit: LimitUnit): ValueParser {
  return (raw, { pageSize }) => {
    const rules: SuffixRules = { unitBytes: unitBytes(unit, pageSize), pageSize };
    const sides = raw.split(':');
    if (sides.length > 2) return invalid('expected BARRIER:LIMIT');
    const numbers = sides.map((side) => parseQuantity(side, rules));
    const [barrier, limit = barrier] = numbers;
    if (!barrier || !limit) return invalid(`${quoted(raw)} is not a number of ${unit}`);
    const value = {
      type: 'limits',
      unit,
      barrier: toLimit(barrier.number),
      limit: toLimit(limit.number),
    } as const;
    return valid(value, barrier.isCut || limit.isCut ? [CUT] : []);
  };
}

/** Digits within a range, or where `unlimited` is allowed, that word. */
export function parseInteger({ min = 0n, max = LONG_MAX, word = false }: IntegerRules = {}): ValueParser {
  return (raw) => {
    if (word && raw === 'unlimited') return valid({ type: 'integer', number: 'unlimited' });
    const number = parseWhole(raw);
    if (number === null) return invalid(`${quoted(raw)} is not a whole number`);
    if (number < min || number > max) return invalid(`${quoted(raw)} is outside ${min} to ${max}`);
    return valid({ type: 'integer', number: String(number) });
  };
}

interface IntegerRules {
  readonly min?: bigint;
  readonly max?: bigint;
  readonly word?: boolean;
}

/** `N`: percent of one CPU. `N%` with N up to 100: percent of the whole host. 0 is no limit. */
export function parseCpuLimit(raw: string): ParsedValue {
  const ofHost = raw.endsWith('%');
  const number = parseWhole(ofHost ? raw.slice(0, -1) : raw);
  if (number === null || number > INT_MAX) return invalid(`${quoted(raw)} is not a whole number of percent`);
  if (ofHost && number > 100n) return invalid(`${quoted(raw)} is more than the whole host`);
  return valid({ type: 'cpulimit', percent: String(number), of: ofHost ? 'host' : 'cpu' });
}

/** Bytes a second in the file (the command line counts megabytes), cut to 2^31-1. No fractions. */
export function parseIoLimit(raw: string, { pageSize }: { readonly pageSize: number }): ParsedValue {
  if (raw === 'unlimited') return valid({ type: 'integer', number: 'unlimited' });
  const quantity = raw.includes('.') ? null : parseQuantity(raw, { unitBytes: 1n, pageSize });
  if (quantity === null) return invalid(`${quoted(raw)} is not a number of bytes a second`);
  if (quantity.number <= INT_MAX) return valid({ type: 'integer', number: String(quantity.number) });
  return valid({ type: 'integer', number: String(INT_MAX) }, [
    { code: 'NUMBER_CUT', text: 'more than 2147483647 bytes a second, cut to that' },
  ]);
}

/** `none`, `pages:N` or `privvmpages:N` with N not 0; an empty value is accepted and sets nothing. */
export function parseMeminfo(raw: string): ParsedValue {
  if (raw === 'none' || raw === '') return valid({ type: 'meminfo', mode: 'none', number: '0' });
  const match = /^(pages|privvmpages):(.+)$/.exec(raw);
  const number = parseWhole(match?.[2] ?? '');
  if (!match || number === null || number === 0n || number > LONG_MAX) {
    return invalid(`${quoted(raw)} is not none, pages:N or privvmpages:N`);
  }
  return valid({
    type: 'meminfo',
    mode: match[1] === 'pages' ? 'pages' : 'privvmpages',
    number: toLimit(number),
  });
}

function unitBytes(unit: LimitUnit, pageSize: number): bigint | null {
  if (unit === 'items') return null;
  if (unit === 'pages') return BigInt(pageSize);
  return unit === 'kib' ? 1024n : 1n;
}

const INT_MAX = 2n ** 31n - 1n;
const CUT: Note = { code: 'NUMBER_CUT', text: 'larger than 9223372036854775807, cut to that: no limit' };

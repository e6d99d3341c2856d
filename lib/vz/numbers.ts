/** LONG_MAX of a 64-bit host, which is what vzctl makes of `unlimited`. */
export const LONG_MAX = 2n ** 63n - 1n;
/** LONG_MAX of a 32-bit host: files that were written on one say "no limit" with it. */
export const LONG_MAX_32 = 2n ** 31n - 1n;

export interface Quantity {
  readonly number: bigint;
  /** It was larger than LONG_MAX, and was cut to it. */
  readonly isCut: boolean;
}

export interface SuffixRules {
  /** Bytes that one unit of the key stands for; null: the key takes no suffix. */
  readonly unitBytes: bigint | null;
  readonly pageSize: number;
}

/**
 * One number as vzctl's parse_ul_sfx reads it: decimal digits, perhaps a fraction, perhaps one suffix letter, or
 * `unlimited`. With a suffix it counts bytes and is divided by the key's unit, rounded down. null: invalid.
 *
 * Odd but read: no digits are 0, white space may stand before the digits, -1 wraps around to a huge number and is
 * then cut, a fraction without suffix is cut off. Exact where vzctl uses long double.
 */
export function parseQuantity(text: string, { unitBytes, pageSize }: SuffixRules): Quantity | null {
  if (text === 'unlimited') return { number: LONG_MAX, isCut: false };
  const match = NUMBER.exec(text);
  if (!match) return null;
  const [, sign = '', digits = '', fraction, suffix = ''] = match;
  if (digits === '' && (sign !== '' || fraction === '')) return null;
  const whole = wholePart(sign, digits, fraction !== undefined);
  if (whole === null) return null;
  if (suffix === '') return cut(whole);
  const multiplier = suffix.toUpperCase() === 'P' ? BigInt(pageSize) : SUFFIX_BYTES.get(suffix.toUpperCase());
  if (multiplier === undefined || unitBytes === null) return null;
  const { scaled, scale } = withFraction(whole, fraction ?? '');
  return cut((scaled * multiplier) / (unitBytes * scale));
}

/**
 * A plain whole number (parse_ul, parse_int): digits, with no digits as 0. null: invalid. The caller checks the range.
 */
export function parseWhole(text: string): bigint | null {
  const match = /^[ \t\v\f\r]*\+?(\d+)$/.exec(text);
  if (!match) return text === '' ? 0n : null;
  const digits = (match[1] ?? '').replace(/^0+(?=\d)/, '');
  return digits.length > MAX_DIGITS ? null : BigInt(digits);
}

/** The number as documents hold it: both spellings of "no limit" become the word. */
export function toLimit(number: bigint): string {
  return number >= LONG_MAX || number === LONG_MAX_32 ? 'unlimited' : String(number);
}

/** strtoull(3): more than 64 bits is an error, a minus sign wraps around. */
function wholePart(sign: string, digits: string, hasFraction: boolean): bigint | null {
  const significant = digits.replace(/^0+/, '');
  if (significant.length > MAX_DIGITS) return null;
  const number = BigInt(significant || '0');
  if (number >= 2n ** 64n) return null;
  if (!sign.endsWith('-')) return number;
  return hasFraction ? null : BigInt.asUintN(64, -number);
}

function withFraction(whole: bigint, fraction: string): { scaled: bigint; scale: bigint } {
  const digits = fraction.slice(0, FRACTION_DIGITS);
  const scale = 10n ** BigInt(digits.length);
  return { scaled: whole * scale + BigInt(digits || '0'), scale };
}

function cut(number: bigint): Quantity {
  return number > LONG_MAX ? { number: LONG_MAX, isCut: true } : { number, isCut: false };
}

const NUMBER = /^([ \t\v\f\r]*[+-]?)(\d*)(?:\.(\d*))?([A-Za-z]?)$/;

const SUFFIX_BYTES: ReadonlyMap<string, bigint> = new Map([
  ['B', 1n],
  ['K', 2n ** 10n],
  ['M', 2n ** 20n],
  ['G', 2n ** 30n],
  ['T', 2n ** 40n],
]);

/** 2^64 has 20 digits; the bound keeps a hostile line from costing time. */
const MAX_DIGITS = 20;
/** Far below one byte of a tebibyte. */
const FRACTION_DIGITS = 30;

import minimist from 'minimist';
import { EXIT, VzError } from '../errors.ts';
import { nearest } from './nearest.ts';
import type { CommandSpec, FlagSpec } from './spec.ts';
import { acceptedFlags, allFlags } from './spec.ts';
import { parseDuration } from './units.ts';

/** The command line, checked against the flag table. Reading a flag that the table does not have is a bug. */
export class Flags {
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[] | boolean>;
  readonly #known: ReadonlySet<string>;

  constructor(
    values: ReadonlyMap<string, readonly string[] | boolean>,
    operands: readonly string[],
    known: ReadonlySet<string>,
  ) {
    this.#values = values;
    this.operands = operands;
    this.#known = known;
  }

  /** Names of the flags that were given. */
  get given(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** A boolean flag; `fallback` when it was not given. */
  on(name: string, fallback = false): boolean {
    const value = this.#get(name);
    return typeof value === 'boolean' ? value : fallback;
  }

  text(name: string): string | undefined {
    const value = this.#get(name);
    return Array.isArray(value) ? value[0] : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.#get(name);
    return Array.isArray(value) ? value : [];
  }

  /** A whole number within a range; throws VzError (64). */
  integer(name: string, range: { readonly min: number; readonly max: number }): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= range.min && number <= range.max)) {
      throw usage(`--${name}: expected a whole number from ${range.min} to ${range.max}, got ${quote(text)}`);
    }
    return number;
  }

  /** `90`, `90s`, `5m`, `2h`: milliseconds; throws VzError (64). */
  durationMs(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const duration = parseDuration(text);
    if (duration === undefined)
      throw usage(`--${name}: expected a duration such as 90s, 5m or 2h, got ${quote(text)}`);
    return duration;
  }

  #get(name: string): readonly string[] | boolean | undefined {
    if (!this.#known.has(name)) throw new TypeError(`no flag --${name} in the table`);
    return this.#values.get(name);
  }
}

/**
 * Parses a command line strictly. minimist only splits the words: every name is looked up before it sees them
 * (it crashes on `--toString x` and reads `--dry-run=no` as true). Throws VzError (64).
 */
export function parseFlags(argv: readonly string[], spec: CommandSpec): Flags {
  const flags = acceptedFlags(spec);
  checkWords(argv, flags);
  const valued = flags.filter((flag) => flag.value !== undefined).map((flag) => flag.name);
  const booleans = flags.filter((flag) => flag.value === undefined).map((flag) => flag.name);
  const split = minimist([...argv], {
    string: [...valued, '_'],
    boolean: booleans,
    alias: Object.fromEntries(flags.flatMap((flag) => (flag.short ? [[flag.name, flag.short]] : []))),
  });
  const given = new Set(namesGiven(argv, flags));
  const values = new Map<string, readonly string[] | boolean>();
  for (const flag of flags) {
    if (!given.has(flag.name)) continue;
    const value: unknown = split[flag.name];
    values.set(flag.name, flag.value === undefined ? value === true : [value].flat().map(String));
  }
  return new Flags(values, split._.map(String), new Set(flags.map((flag) => flag.name)));
}

/**
 * What was said to one program, said to another: the flags that are in its table as well, and `words` before them. Throws VzError
 * (64).
 */
export function passOn(
  flags: Flags,
  spec: CommandSpec,
  {
    words = [],
    except = [],
  }: { readonly words?: readonly string[]; readonly except?: readonly string[] } = {},
): Flags {
  const passed = allFlags(spec).filter(({ name }) => flags.given.includes(name) && !except.includes(name));
  const argv = passed.flatMap(({ name, value }) => {
    if (value === undefined) return flags.on(name) ? `--${name}` : `--no-${name}`;
    return flags.list(name).map((text) => `--${name}=${text}`);
  });
  return parseFlags([...words, ...argv], spec);
}

export function checkOperands(flags: Flags, spec: CommandSpec): void {
  const count = flags.operands.length;
  const { min, max } = spec.operands;
  if (count > max) throw usage(`unexpected ${quote(flags.operands[max] ?? '')}`);
  if (count < min) throw usage(`expected ${spec.usage[0] ?? 'an operand'}`);
}

export function usage(what: string, hint = 'see --help'): VzError {
  return new VzError('USAGE', { exit: EXIT.usage, what, hint });
}

function quote(text: string): string {
  return JSON.stringify(text);
}

interface Word {
  readonly flag: FlagSpec;
  readonly negated: boolean;
  /** undefined: no `=`. */
  readonly value: string | undefined;
}

function checkWords(argv: readonly string[], flags: readonly FlagSpec[]): void {
  const seen = new Set<string>();
  for (const { word, next } of flagWords(argv, flags)) {
    for (const { flag, negated, value } of word) {
      if (seen.has(flag.name) && !flag.repeatable) throw usage(`--${flag.name}: given twice`);
      seen.add(flag.name);
      if (flag.value === undefined) {
        const allowed = value === undefined || (!negated && (value === 'true' || value === 'false'));
        if (!allowed) throw usage(`--${flag.name}: takes no value, got ${quote(value)}`);
        continue;
      }
      const text = value ?? next;
      if (text === undefined || (value === undefined && text.startsWith('-') && text !== '-')) {
        throw usage(`--${flag.name}: expected ${flag.value}`, `--${flag.name}=${flag.value}`);
      }
      if (text === '') throw usage(`--${flag.name}: ${flag.value} is empty`);
      if (flag.choices && !flag.choices.includes(text)) {
        throw usage(`--${flag.name}: expected ${flag.choices.join(', ')}, got ${quote(text)}`);
      }
    }
  }
}

function namesGiven(argv: readonly string[], flags: readonly FlagSpec[]): readonly string[] {
  return [...flagWords(argv, flags)].flatMap(({ word }) => word.map(({ flag }) => flag.name));
}

/** Walks the words that are flags, with the word behind each, skipping words that are values. */
function* flagWords(
  argv: readonly string[],
  flags: readonly FlagSpec[],
): Generator<{ word: readonly Word[]; next: string | undefined }> {
  for (let index = 0; index < argv.length; index += 1) {
    const text = argv[index] ?? '';
    if (text === '--') return;
    if (!text.startsWith('-') || text === '-') continue;
    const word = text.startsWith('--') ? [longFlag(text, flags)] : shortFlags(text, flags);
    yield { word, next: argv[index + 1] };
    const last = word.at(-1);
    if (last?.flag.value !== undefined && last.value === undefined) index += 1;
  }
}

function longFlag(text: string, flags: readonly FlagSpec[]): Word {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text.slice(2) : text.slice(2, equals);
  const value = equals === -1 ? undefined : text.slice(equals + 1);
  const flag = flags.find((candidate) => candidate.name === name);
  if (flag) return { flag, negated: false, value };
  const positive = name.startsWith('no-')
    ? flags.find((one) => one.negatable && one.name === name.slice(3))
    : undefined;
  if (positive) return { flag: positive, negated: true, value };
  const names = flags.flatMap((one) => (one.negatable ? [one.name, `no-${one.name}`] : [one.name]));
  const guess = nearest(name, names);
  throw usage(`unknown flag --${name}`, guess ? `did you mean --${guess}?` : undefined);
}

function shortFlags(text: string, flags: readonly FlagSpec[]): readonly Word[] {
  const letters = [...text.slice(1)];
  return letters.map((letter, index) => {
    const flag = flags.find((candidate) => candidate.short === letter);
    if (!flag) throw usage(`unknown flag -${letter}`);
    if (flag.value !== undefined && index < letters.length - 1) {
      throw usage(`-${letter}: expected ${flag.value} as a word of its own`);
    }
    return { flag, negated: false, value: undefined };
  });
}

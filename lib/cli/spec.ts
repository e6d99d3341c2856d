/** One flag of a program; the tables made of these are the one source of parsing, `--help` and the manuals. */
export interface FlagSpec {
  readonly name: string;
  readonly short?: string;
  /** Name of the value in the help (`FILE`). Absent: a boolean. */
  readonly value?: string;
  /** The value is one of these. */
  readonly choices?: readonly string[];
  /** `--no-NAME` exists. */
  readonly negatable?: boolean;
  readonly repeatable?: boolean;
  readonly help: string;
}

export type OperandKind = 'container' | 'host' | 'file';

export interface CommandSpec {
  readonly name: string;
  /** The manual's NAME line: one sentence without "and". */
  readonly summary: string;
  /** Usage lines without the program's name. */
  readonly usage: readonly string[];
  readonly flags: readonly FlagSpec[];
  /** Flags of these programs are accepted as well, and told in their manuals. */
  readonly alsoOf?: readonly { readonly program: CommandSpec; readonly except: readonly string[] }[];
  /** How many operands are allowed. */
  readonly operands: {
    readonly min: number;
    readonly max: number;
    /** By the command that they belong to, '' where the program has none: what each one is. */
    readonly are?: Readonly<Record<string, readonly OperandKind[]>>;
  };
  /** One or two command lines for the end of the help. */
  readonly examples: readonly string[];
}

/** Flags that every program has. */
export const COMMON_FLAGS: readonly FlagSpec[] = [
  { name: 'quiet', short: 'q', help: 'only errors on stderr' },
  { name: 'verbose', short: 'v', help: 'also the commands that are run' },
  {
    name: 'progress',
    value: 'HOW',
    choices: ['auto', 'bar', 'json', 'none'],
    help: 'on stderr; auto: a bar on a terminal, unless stdout is a pipe',
  },
  { name: 'log-file', value: 'FILE', help: 'append what is said on stderr to FILE, with times' },
  { name: 'help', short: 'h', help: 'show this help; --help=man: the manual' },
  { name: 'version', help: 'show the version' },
];

export function allFlags(spec: CommandSpec): readonly FlagSpec[] {
  return [...spec.flags, ...COMMON_FLAGS];
}

/** All that the command line may have: with those of other programs, of which its own come first. */
export function acceptedFlags(spec: CommandSpec): readonly FlagSpec[] {
  const flags = [...allFlags(spec)];
  for (const { program, except } of spec.alsoOf ?? []) {
    const others = program.flags.filter(({ name }) => !except.includes(name));
    for (const { short, ...flag } of others) {
      if (flags.some(({ name }) => name === flag.name)) continue;
      const isFree = short !== undefined && !flags.some((one) => one.short === short);
      flags.push(isFree ? { ...flag, short } : flag);
    }
  }
  return flags;
}

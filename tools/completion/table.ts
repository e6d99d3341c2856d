import type { CommandSpec, FlagSpec } from '../../lib/cli/spec.ts';
import { acceptedFlags } from '../../lib/cli/spec.ts';

/** What the value of a flag is, for completion: one of some words, a file and so on; `any`: whatever. null: it has none. */
export type Kind =
  | { readonly words: readonly string[] }
  | { readonly is: 'file' | 'dir' | 'host' | 'any' }
  | null;

export interface Choice {
  /** `--to`, `-n`, `--no-zfs`. */
  readonly word: string;
  readonly flag: FlagSpec;
  readonly kind: Kind;
}

/** Every form in which a program takes its flags. */
export function choicesOf(spec: CommandSpec): Choice[] {
  return acceptedFlags(spec).flatMap((flag) => {
    const kind = kindOf(flag);
    const words = [
      `--${flag.name}`,
      ...(flag.negatable ? [`--no-${flag.name}`] : []),
      ...(flag.short ? [`-${flag.short}`] : []),
    ];
    return words.map((word) => ({ word, flag, kind }));
  });
}

/** Commands of a program, `''` where it has none, and the kinds of their operands. `+`: the last one may come again. */
export function operandsOf({ operands }: CommandSpec): readonly (readonly [string, readonly string[]])[] {
  return Object.entries(operands.are ?? {}).map(([command, kinds]) => {
    const repeats = command === '' && operands.max > kinds.length;
    const shown = kinds.map((kind, index) => (repeats && index === kinds.length - 1 ? `${kind}+` : kind));
    return [command, shown] as const;
  });
}

/** The names of values say what they are; those that do not are for a person to type. */
function kindOf({ value, choices }: FlagSpec): Kind {
  if (choices) return { words: choices };
  if (value === undefined) return null;
  if (value === 'FILE' || value === 'DOC') return { is: 'file' };
  if (value === 'DIR') return { is: 'dir' };
  if (value.startsWith('[USER@]HOST')) return { is: 'host' };
  return { is: 'any' };
}

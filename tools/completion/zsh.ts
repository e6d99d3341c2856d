import type { CommandSpec } from '../../lib/cli/spec.ts';
import engine from './engine.zsh';
import { type Choice, choicesOf, type Kind, operandsOf } from './table.ts';

/** The completion of all programs for zsh: an autoloaded function, `_vz2osctl`. */
export function zshCompletion(specs: readonly CommandSpec[]): string {
  return [
    `#compdef ${specs.map(({ name }) => name).join(' ')}`,
    '# zsh completion for vz2osctl, made from the tables of its flags',
    '',
    engine,
    'case $service in',
    ...specs.flatMap((spec) => [
      `  ${spec.name})`,
      `    _vz2osctl_commands=(${operandsOf(spec)
        .map(([command, kinds]) => quote(`${command}:${kinds.join(' ')}`))
        .join(' ')})`,
      `    _vz2osctl_valued=(${choicesOf(spec)
        .filter(({ kind }) => kind !== null)
        .map(({ word }) => word)
        .join(' ')})`,
      '    _arguments -S \\',
      ...choicesOf(spec).map((choice) => `      ${quote(argument(choice))} \\`),
      "      '*:operand:_vz2osctl_operand'",
      '    ;;',
    ]),
    'esac',
    '',
  ].join('\n');
}

/** One specification of _arguments (zshcompsys(1)): `*(…)--flag=[help]:value:action`. */
function argument({ word, flag, kind }: Choice): string {
  const others = [`--${flag.name}`, `--no-${flag.name}`, ...(flag.short ? [`-${flag.short}`] : [])];
  const excludes = flag.repeatable ? '*' : `(${others.join(' ')})`;
  const equals = kind !== null && word.startsWith('--') ? '=' : '';
  const help = flag.help.replace(/[\\[\]:]/g, '\\$&');
  return `${excludes}${word}${equals}[${help}]${kind === null ? '' : `:${flag.name}:${action(kind)}`}`;
}

function action(kind: Exclude<Kind, null>): string {
  if ('words' in kind) return `(${kind.words.join(' ')})`;
  return { file: '_files', dir: '_files -/', host: '_hosts', any: ' ' }[kind.is];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

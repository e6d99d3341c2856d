import type { CommandSpec } from '../../lib/cli/spec.ts';
import engine from './engine.bash';
import { choicesOf, type Kind, operandsOf } from './table.ts';

/** The completion of all programs for bash 4.4 and later; it needs no bash-completion. */
export function bashCompletion(specs: readonly CommandSpec[]): string {
  return [
    '# bash completion for vz2osctl, made from the tables of its flags',
    '',
    table('_vz2osctl_flags', specs, (spec) =>
      choicesOf(spec).map(({ word, kind }) => `${word} ${kindText(kind)}`.trimEnd()),
    ),
    table('_vz2osctl_operands', specs, (spec) =>
      operandsOf(spec).map(([command, kinds]) => `${command}:${kinds.join(' ')}`),
    ),
    engine,
    `complete -F _vz2osctl ${specs.map(({ name }) => name).join(' ')}`,
    '',
  ].join('\n');
}

/** A shell function that prints the lines of the program that its argument names. */
function table(
  name: string,
  specs: readonly CommandSpec[],
  linesOf: (spec: CommandSpec) => readonly string[],
): string {
  const cases = specs.flatMap((spec) => {
    const lines = linesOf(spec);
    return lines.length === 0 ? [] : [`    ${spec.name}) cat <<'EOF'`, ...lines, 'EOF', '    ;;'];
  });
  return [`${name}() {`, '  case $1 in', ...cases, '  esac', '}', ''].join('\n');
}

function kindText(kind: Kind): string {
  if (kind === null) return '';
  return 'words' in kind ? `=${kind.words.join(' ')}` : kind.is;
}

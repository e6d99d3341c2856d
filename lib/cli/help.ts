import type { CommandSpec, FlagSpec } from './spec.ts';
import { allFlags } from './spec.ts';

/** The text of `--help`: one screen. */
export function helpText(spec: CommandSpec): string {
  const rows = allFlags(spec).map((flag) => [flagLabel(flag), flag.help] as const);
  const width = Math.min(26, Math.max(...rows.map(([label]) => label.length)));
  const options = rows.map(([label, help]) =>
    label.length > width
      ? `  ${label}\n  ${' '.repeat(width)}  ${help}`
      : `  ${label.padEnd(width)}  ${help}`,
  );
  return [
    `${spec.name} - ${spec.summary}`,
    '',
    'Usage:',
    ...spec.usage.map((line) => `  ${spec.name} ${line}`.trimEnd()),
    '',
    'Options:',
    ...options,
    ...(spec.alsoOf ? [`  and those of ${spec.alsoOf.map(({ program }) => program.name).join(', ')}`] : []),
    '',
    'Examples:',
    ...spec.examples.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

/** `-o, --output FILE`, `--[no-]consistent`, as help and manual show it. */
export function flagLabel(flag: FlagSpec): string {
  const long = flag.negatable ? `--[no-]${flag.name}` : `--${flag.name}`;
  const value = flag.choices ? ` ${flag.choices.join('|')}` : flag.value ? ` ${flag.value}` : '';
  return `${flag.short ? `-${flag.short}, ` : ''}${long}${value}`;
}

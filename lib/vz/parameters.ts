import { CPU } from './parameters/cpu.ts';
import { DEVICES } from './parameters/devices.ts';
import { DISK } from './parameters/disk.ts';
import { IDENTITY } from './parameters/identity.ts';
import { MEMORY } from './parameters/memory.ts';
import { NETWORK } from './parameters/network.ts';
import { NODE } from './parameters/node.ts';
import type { Duplicates, Parameter } from './parameters/parameter.ts';
import { VIRTUOZZO } from './parameters/virtuozzo.ts';
import type { ValueParser } from './value.ts';

/** Every parameter of an OpenVZ config: how it is read, what it becomes, or why it cannot. */
export const PARAMETERS: readonly Parameter[] = [
  ...IDENTITY,
  ...MEMORY,
  ...CPU,
  ...DISK,
  ...NETWORK,
  ...DEVICES,
  ...NODE,
  ...VIRTUOZZO,
];

/** How vzctl of OpenVZ Legacy reads one key. */
export interface KeyRule {
  readonly parse: ValueParser;
  readonly duplicates: Duplicates;
  /** The key that this one is another name of, or itself. */
  readonly parameter: string;
  readonly group: string;
  readonly inheritable: boolean;
  readonly ignored: boolean;
  readonly usesId: boolean;
}

/** The row of a key, whether vzctl knows it or not. */
export function parameterOf(key: string): Parameter | undefined {
  return ROWS.get(key) ?? PATTERNS.find(([start]) => key.startsWith(start))?.[1];
}

/** The rule of a key that vzctl of OpenVZ Legacy knows, by its exact name. */
export function ruleFor(key: string): KeyRule | undefined {
  return RULES.get(key);
}

const ROWS: ReadonlyMap<string, Parameter> = new Map(
  PARAMETERS.flatMap((row) => row.keys.map((key) => [key, row] as const)),
);

const PATTERNS: readonly (readonly [start: string, row: Parameter])[] = [...ROWS].flatMap(([key, row]) =>
  key.endsWith('*') ? [[key.slice(0, -1), row] as const] : [],
);

const RULES: ReadonlyMap<string, KeyRule> = new Map(
  [...ROWS].flatMap(([key, { reads, duplicates, aliasOf, group, inheritable, ignored, usesId }]) => {
    if (reads === null) return [];
    const parameter = aliasOf ?? key;
    const rule = { parse: reads.parse, duplicates, parameter, inheritable, ignored, usesId };
    return [[key, { ...rule, group: group ?? parameter }] as const];
  }),
);

import type { ConfigItem, Warning } from '../documents/vz-config.ts';
import type { Entry } from './entry.ts';
import { readEntry } from './entry.ts';
import { readGrammar } from './grammar.ts';
import { mergeEntries } from './merge.ts';
import type { ValueContext } from './value.ts';
import { warningsOf } from './warnings.ts';

export interface ParseOptions extends ValueContext {
  /** The container's config, byte for byte. */
  readonly container: Buffer;
  /** vz.conf; null: not read. */
  readonly global: Buffer | null;
}

export interface ParsedConfig {
  /** Every line but blanks and comments: the container's in file order, then vz.conf's. */
  readonly items: ConfigItem[];
  readonly warnings: Warning[];
}

/**
 * Reads a container's config as vzctl of OpenVZ Legacy does, with vz.conf behind it. Pure: nothing is looked up. Any
 * bytes are accepted, and no line is lost or fatal: each becomes an item whose state says what became of it.
 */
export function parseConfig({ container, global, ...context }: ParseOptions): ParsedConfig {
  const entries = mergeEntries(
    readEntries(container, 'container', context),
    global === null ? [] : readGlobalEntries(global, context),
  );
  return {
    items: entries.map(({ item }) => item),
    warnings: entries.flatMap((entry) => warningsOf(entry, context)),
  };
}

/**
 * Many containers have one vz.conf, so its entries are remembered for as long as its buffer is in use. Those of paths
 * depend on the container.
 */
function readGlobalEntries(global: Buffer, context: ValueContext): readonly Entry[] {
  const known = remembered.get(global);
  if (known?.pageSize === context.pageSize) {
    return known.entries.map((entry) =>
      entry.rule?.usesId ? readEntry(entry.line, 'global', context) : entry,
    );
  }
  const entries = readEntries(global, 'global', context);
  remembered.set(global, { pageSize: context.pageSize, entries });
  return entries;
}

function readEntries(config: Buffer, origin: ConfigItem['origin'], context: ValueContext): Entry[] {
  return [...readGrammar(config)].map((line) => readEntry(line, origin, context));
}

const remembered = new WeakMap<Buffer, { readonly pageSize: number; readonly entries: readonly Entry[] }>();

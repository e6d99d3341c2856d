import type { OsctlContainer } from '../documents/osctl-container.ts';
import { oneLine } from '../errors.ts';

/**
 * The report for people: a line for each item of the config, values as they stand in the file, and what it became (`->`),
 * what like it (`~>`), or why nothing. `heading`: begins with the container, for when several flow.
 */
export function reportText(
  { ctid, report }: OsctlContainer,
  { heading }: { readonly heading: boolean },
): string {
  const consumed = report.consumed.map(
    (item) => [...columns(item), `${ARROWS[item.fate]} ${oneLine(item.became)}${origin(item)}`] as const,
  );
  const ignored = report.ignored.map(
    (item) => [...columns(item), `(${oneLine(item.reason)})${origin(item)}`] as const,
  );
  const rows = [...consumed, ...ignored];
  const keyWidth = width(
    rows.map(([key]) => key),
    WIDEST_KEY,
  );
  const rawWidth = width(
    rows.map(([, raw]) => raw),
    WIDEST_RAW,
  );
  const line = ([key, raw, fate]: readonly [string, string, string]): string =>
    `  ${key.padEnd(keyWidth)} = ${raw.padEnd(rawWidth)}  ${fate}\n`;
  return [
    heading ? `ct ${ctid}:\n` : '',
    'Consumed config items:\n',
    ...consumed.map(line),
    'Ignored config items:\n',
    ...ignored.map(line),
  ].join('');
}

type Reported = OsctlContainer['report']['consumed'][number] | OsctlContainer['report']['ignored'][number];

/** A rejected line has no key. */
function columns({ key, raw, line }: Reported): readonly [string, string] {
  const name = oneLine(key) || `(line ${line})`;
  return [shorten(name, LONGEST_KEY), shorten(oneLine(raw), LONGEST_RAW)];
}

function origin(item: Reported): string {
  return item.origin === 'global' ? ' [vz.conf]' : '';
}

function shorten(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** Long texts stick out rather than push all others to the right. */
function width(texts: readonly string[], widest: number): number {
  return texts.reduce((most, { length }) => (length <= widest ? Math.max(most, length) : most), 0);
}

const ARROWS = { converted: '->', approximated: '~>' } as const;
const WIDEST_KEY = 24;
const WIDEST_RAW = 40;
const LONGEST_KEY = 60;
const LONGEST_RAW = 120;

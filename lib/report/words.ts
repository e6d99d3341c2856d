import { shorten, visibleText } from './escape.ts';
import type { Finding, Item } from './finding.ts';
import type { Loss } from './losses.ts';

/** `101.conf:12`, `101.conf:3-9,12 vz.conf:7`, `line 12` when it came on stdin; empty for what has no line. */
export function whereText({ items, line }: Finding, file: string | null): string {
  if (items.length === 0) return line === null ? '' : `line ${line}`;
  const places = (['container', 'global'] as const).map((origin) => {
    const lines = items.flatMap((item) => (item.origin === origin && item.line !== null ? item.line : []));
    return lines.length === 0 ? '' : placeText(lines, fileOf(origin, file));
  });
  return places.filter(Boolean).join(' ');
}

/** The file an item stands in; null: the config came on stdin. */
export function fileOf(origin: Item['origin'], file: string | null): string | null {
  return origin === 'global' ? 'vz.conf' : file;
}

/** `QUOTATIME="0"`, or for several `KMEMSIZE, NUMPTY, NUMFLOCK, ... (14)`; empty for none. */
export function itemsText(items: readonly Item[]): string {
  const [first] = items;
  if (!first) return '';
  if (items.length > 1) return keysText(items.map(({ key }) => key));
  const value = `"${shorten(visibleText(first.raw), LONGEST_RAW)}"`;
  return first.key === '' ? value : `${shorten(visibleText(first.key), LONGEST_KEY)}=${value}`;
}

function keysText(keys: readonly string[]): string {
  const shown = keys.map((key) => shorten(visibleText(key), LONGEST_KEY) || '(no key)');
  if (shown.length <= SHOWN_KEYS + 1) return shown.join(', ');
  return `${shown.slice(0, SHOWN_KEYS).join(', ')}, ... (${shown.length})`;
}

/** `dropped: no counterpart in vpsAdminOS [CODE]`; the code stands behind, as on stderr. */
export function fateText({ fate, text, codes }: Pick<Finding, 'fate' | 'text' | 'codes'>): string {
  const code = codes.length > 0 ? ` [${codes.map(visibleText).join(', ')}]` : '';
  return `${fate === 'warning' ? '' : `${fate}: `}${shorten(visibleText(text), LONGEST_TEXT)}${code}`;
}

/** What is lost, in a row over all containers: `KEY dropped`, `CODE`, `KEY approximated [CODE]`. */
export function lossName({ fate, codes, keys }: Loss): string {
  const code = codes.map(visibleText).join(', ');
  if (fate === 'blocker') return `${code} (blocker)`;
  if (fate === 'warning' || fate === 'failed') return code;
  return `${keysText(keys)} ${fate}${code && ` [${code}]`}`;
}

/** One example stands for all where they differ. */
export function lossText({ text, varies }: Loss): string {
  return `${varies ? 'e.g. ' : ''}${shorten(visibleText(text), LONGEST_TEXT)}`;
}

/** `101, 102, 103 and 280 more`. */
export function someOf(names: readonly string[]): string {
  if (names.length <= SHOWN_NAMES + 1) return names.join(', ');
  return `${names.slice(0, SHOWN_NAMES).join(', ')} and ${names.length - SHOWN_NAMES} more`;
}

/** `[USER@]HOST:CTID (HOSTNAME)`, and the id on the target where it is another. */
export function titleOf(entry: {
  readonly name: string;
  readonly ctid: string | null;
  readonly id: string | null;
  readonly hostname: string | null;
}): string {
  const { name, ctid, id, hostname } = entry;
  const target = id === null || id === ctid ? '' : ` -> ${id}`;
  return `${name}${target}${hostname === null ? '' : ` (${shorten(visibleText(hostname), LONGEST_NAME)})`}`;
}

function placeText(lines: readonly number[], file: string | null): string {
  const numbers = rangesText(lines);
  if (file !== null) return `${shorten(visibleText(file), LONGEST_NAME)}:${numbers}`;
  return `${lines.length === 1 ? 'line' : 'lines'} ${numbers}`;
}

/** `3-9,12`; after the first few only that there are more. */
function rangesText(lines: readonly number[]): string {
  const ranges: { from: number; to: number }[] = [];
  for (const line of [...lines].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && line <= last.to + 1) last.to = line;
    else ranges.push({ from: line, to: line });
  }
  const texts = ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
  return texts.length <= SHOWN_RANGES
    ? texts.join(',')
    : `${texts.slice(0, SHOWN_RANGES - 1).join(',')},...,${texts.at(-1)}`;
}

/** Enough to recognise a value; vz.conf has lists of modules of several hundred characters. */
const LONGEST_RAW = 40;
const LONGEST_KEY = 60;
/** Warnings about action scripts list mount commands. */
const LONGEST_TEXT = 2000;
const LONGEST_NAME = 100;
const SHOWN_KEYS = 3;
const SHOWN_NAMES = 8;
const SHOWN_RANGES = 4;

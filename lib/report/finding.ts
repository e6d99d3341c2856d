import type { Blocker } from '../documents/blocker.ts';
import { describeFinding } from '../documents/blocker.ts';
import type { Fate, Report, Severity } from '../documents/report.ts';

/** A line of the config, as the report of vz-to-osctl has it. */
export interface Item {
  /** Empty for a line that is no assignment. */
  readonly key: string;
  readonly raw: string;
  readonly line: number | null;
  readonly origin: 'container' | 'global';
}

/** One thing that is to be said of a container. */
export interface Finding {
  readonly severity: Severity;
  /**
   * `warning`: it is about no item, or about one of which nothing is lost. `blocker`: it speaks against the container on a
   * node. `failed`: there is no container.
   */
  readonly fate: Fate | 'warning' | 'blocker' | 'failed';
  /** Codes of the warnings in it, each once. */
  readonly codes: readonly string[];
  readonly items: readonly Item[];
  /** Line of a warning whose item is not known. */
  readonly line: number | null;
  readonly text: string;
}

/**
 * What a report says, each thing once, the worst first, in the order of the files. A warning is shown together with
 * the item it is about:
 *
 * - where nothing is lost of the item (info), the warnings say it all;
 * - else what is lost stays to be read, and the warnings are added to it.
 */
export function findingsOf(report: Report): Finding[] {
  const items = [
    ...report.consumed.map(({ became, ...item }) => ({ ...item, text: became })),
    ...report.ignored.map(({ reason, ...item }) => ({ ...item, text: reason })),
  ];
  const lines = new Map<number, Reported[]>();
  for (const item of items) if (item.line !== null) addTo(lines, item.line, item);
  const about = new Map<Reported, Warning[]>();
  const alone: Finding[] = [];
  for (const warning of report.warnings) {
    const item = itemOf(warning, lines);
    if (item) addTo(about, item, warning);
    else alone.push(fromWarning(warning, []));
  }
  const found = items.flatMap((item) => fromItem(item, about.get(item) ?? []));
  return [...alone, ...found].sort(byWeightAndPlace);
}

export function findingOfBlocker(blocker: Blocker): Finding {
  const text = describeFinding(blocker);
  return { severity: 'critical', fate: 'blocker', codes: [blocker.code], items: [], line: null, text };
}

/** Puts findings that differ only in the item into one, so that the twenty beancounters are one line. */
export function groupFindings(findings: readonly Finding[]): Finding[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { severity, fate, codes, text, line } = finding;
    addTo(groups, JSON.stringify([severity, fate, codes, text, line]), finding);
  }
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    return first ? { ...first, items: same.flatMap(({ items }) => items) } : [];
  });
}

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

/** For sorting: the worst first. */
export function bySeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(b) - SEVERITIES.indexOf(a);
}

type Warning = Report['warnings'][number];
interface Reported extends Item {
  readonly severity: Severity;
  readonly fate: Fate;
  readonly text: string;
}

/**
 * A warning has a line, but not whether it is the container's or vz.conf's. Where both have such a line its text must
 * name the key of one: an item hidden behind a warning about another one would be lost.
 */
function itemOf({ line, text }: Warning, lines: ReadonlyMap<number, Reported[]>): Reported | undefined {
  if (line === null) return undefined;
  const there = lines.get(line) ?? [];
  const named = there.length === 2 ? there.filter(({ key }) => key !== '' && namesKey(text, key)) : there;
  return named.length === 1 ? named[0] : undefined;
}

/** As a word of its own: VE_ROOT is not named by VE_ROOT_DIR. */
function namesKey(text: string, key: string): boolean {
  return text.split(/[^A-Za-z0-9_.]+/).some((word) => word === key || word === `${key}.`);
}

function fromItem(item: Reported, warnings: readonly Warning[]): Finding[] {
  const { key, raw, line, origin, severity, fate } = item;
  const place: Item = { key, raw, line, origin };
  if (severity === 'info' && warnings.length > 0)
    return warnings.map((warning) => fromWarning(warning, [place]));
  const said = warnings.map(({ text }) => text);
  // Some warnings repeat what is said of the item.
  const texts = said.some((text) => text.includes(item.text)) ? said : [item.text, ...said];
  return [
    {
      severity: warnings.map((warning) => warning.severity).reduce(worse, severity),
      fate,
      codes: [...new Set(warnings.map(({ code }) => code))],
      items: [place],
      line: null,
      text: [...new Set(texts)].join('; '),
    },
  ];
}

function fromWarning(warning: Warning, items: readonly Item[]): Finding {
  const { code, line, severity } = warning;
  const text = describeFinding(warning);
  return { severity, fate: 'warning', codes: [code], items, line: items.length > 0 ? null : line, text };
}

function worse(a: Severity, b: Severity): Severity {
  return isAtLeast(a, b) ? a : b;
}

/** What belongs to no line comes before what does, the container's config before vz.conf. */
function byWeightAndPlace(a: Finding, b: Finding): number {
  return bySeverity(a.severity, b.severity) || rank(a) - rank(b) || lineOf(a) - lineOf(b);
}

function rank({ items: [item] }: Finding): number {
  return item === undefined ? 0 : item.origin === 'container' ? 1 : 2;
}

function lineOf({ items: [item], line }: Finding): number {
  return item?.line ?? line ?? 0;
}

function addTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Rising. */
const SEVERITIES: readonly Severity[] = ['info', 'minor', 'major', 'critical'];

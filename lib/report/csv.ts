import type { Entry } from './entry.ts';
import { VERDICTS } from './entry.ts';
import { shorten, visibleText } from './escape.ts';
import { isAtLeast } from './finding.ts';
import type { Format, FormatOptions } from './format.ts';
import type { Result } from './result.ts';
import { namesOf } from './result.ts';
import { fileOf } from './words.ts';

/** For a spreadsheet: RFC 4180, with a header. */
export class CsvFormat implements Format {
  readonly #options: FormatOptions;

  constructor(options: FormatOptions) {
    this.#options = options;
  }

  begin(): string {
    return csvRow(HEADERS[this.#options.by]);
  }

  /** A row for each finding, and one for what is to be done after the import. */
  container(entry: Entry): string {
    const who = [entry.name, entry.node ?? '', entry.ctid ?? '', entry.id ?? '', entry.hostname ?? ''];
    const shown = entry.findings.filter(({ severity }) => isAtLeast(severity, this.#options.least));
    const rows = shown.map(({ severity, fate, codes, items: [item], line, text }) =>
      csvRow([
        'finding',
        ...who,
        severity,
        fate,
        codes.join(' '),
        (item && fileOf(item.origin, entry.file)) ?? '',
        item?.line ?? line ?? '',
        item?.key ?? '',
        shorten(item?.raw ?? '', LONGEST_VALUE),
        shorten(text, LONGEST_VALUE),
      ]),
    );
    if (entry.followUps.length > 0) {
      rows.push(csvRow(['after', ...who, '', '', '', '', '', '', '', entry.followUps.join(', ')]));
    }
    return rows.join('');
  }

  end(result: Result): string[] {
    switch (this.#options.by) {
      case 'container':
        return containerEnd(result);
      case 'loss':
        return lossRows(result);
      case 'node':
        return nodeRows(result);
    }
  }
}

/** One record. A text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvRow(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => (typeof cell === 'number' ? String(cell) : csvText(cell))).join(',')}\r\n`;
}

function csvText(cell: string): string {
  const text = visibleText(cell);
  const safe = /^\s*[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What is only known at the end: what occurs twice, and with it the verdicts. */
function containerEnd(result: Result): string[] {
  const row = (type: string, place: number, severity: string, code: string, text: string): string => {
    const { name = '', node, ctid } = result.members[place] ?? {};
    return csvRow([type, name, node ?? '', ctid ?? '', '', '', severity, '', code, '', '', '', '', text]);
  };
  const fleet = result.fleet.flatMap(({ severity, code, text, who }) =>
    who.map((place) => row('between', place, severity, code, text)),
  );
  const verdicts = result.verdicts.map((verdict, place) => row('verdict', place, '', '', verdict));
  return [...fleet, ...verdicts];
}

function lossRows(result: Result): string[] {
  const losses = result.losses.map(({ severity, fate, codes, keys, who, text }) =>
    csvRow([
      severity,
      fate,
      codes.join(' '),
      keys.join(' '),
      who.length,
      shorten(text, LONGEST_VALUE),
      namesOf(result, who).join(' '),
    ]),
  );
  const fleet = result.fleet.map(({ severity, code, text, who }) =>
    csvRow([severity, 'between', code, '', who.length, text, namesOf(result, who).join(' ')]),
  );
  return [...losses, ...fleet];
}

function nodeRows(result: Result): string[] {
  return result.nodes.map(({ node, worst, byVerdict }) => {
    const places = new Set(VERDICTS.flatMap((verdict) => byVerdict[verdict]));
    const between = result.fleet.filter(({ who }) => who.some((place) => places.has(place)));
    return csvRow([
      node ?? '',
      places.size,
      ...VERDICTS.map((verdict) => byVerdict[verdict].length),
      worst ?? '',
      ...VERDICTS.map((verdict) => namesOf(result, byVerdict[verdict]).join(' ')),
      between.map(({ text }) => text).join('; '),
    ]);
  });
}

const HEADERS = {
  container: 'type container node ctid id hostname severity fate code file line key value text'.split(' '),
  loss: 'severity fate code key containers text whose'.split(' '),
  node: [
    ...'node containers clean needs_a_person blocked failed worst'.split(' '),
    ...'who_is_clean who_needs_a_person who_is_blocked who_failed between'.split(' '),
  ],
};

/** Spreadsheets take 32767 characters in a cell, and an escape makes up to nine of one. */
const LONGEST_VALUE = 3000;

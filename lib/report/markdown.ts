import type { Entry } from './entry.ts';
import { VERDICTS, verdictOfEntry } from './entry.ts';
import { visibleText } from './escape.ts';
import { groupFindings, isAtLeast } from './finding.ts';
import type { Format, FormatOptions } from './format.ts';
import type { Result } from './result.ts';
import { countsText, hiddenText, namesOf } from './result.ts';
import { fateText, itemsText, lossName, lossText, someOf, titleOf, whereText } from './words.ts';

/** For a ticket or a wiki: headings and tables of GitHub Flavored Markdown. */
export class MarkdownFormat implements Format {
  readonly #options: FormatOptions;

  constructor(options: FormatOptions) {
    this.#options = options;
  }

  begin(): string {
    return '# vz-report\n';
  }

  container(entry: Entry): string {
    const { least } = this.#options;
    const hidden = hiddenText(entry, least);
    const verdict = verdictOfEntry(entry);
    const shown = groupFindings(entry.findings.filter(({ severity }) => isAtLeast(severity, least)));
    const rows = shown.map((finding) => [
      finding.severity,
      whereText(finding, entry.file),
      itemsText(finding.items),
      fateText(finding),
    ]);
    const notes = [
      entry.followUps.length > 0 ? `after the import: ${entry.followUps.join(', ')}` : '',
      hidden,
    ].filter(Boolean);
    return [
      `\n## ${escapeMarkdown(`${titleOf(entry)}: ${verdict}`)}\n`,
      table(['severity', 'where', 'item', 'fate'], rows),
      ...notes.map((note) => `\n${escapeMarkdown(note)}\n`),
    ].join('');
  }

  end(result: Result): string[] {
    const { by } = this.#options;
    return [
      by === 'loss' ? lossTable(result) : '',
      by === 'node' ? nodeTables(result) : '',
      fleetTable(result),
      by === 'container' && result.alsoNeed.length > 0
        ? `\nAlso needs a person, called clean above: ${list(namesOf(result, result.alsoNeed))}\n`
        : '',
      `\n${escapeMarkdown(countsText(result.verdicts))}\n`,
    ];
  }
}

/** A table cell or a heading that shows `text` as it is. */
export function escapeMarkdown(text: string): string {
  return visibleText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*[\]|~#$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\$&');
}

function lossTable(result: Result): string {
  const rows = result.losses.map((loss) => [
    loss.fate === 'failed' ? 'failed' : loss.severity,
    String(loss.who.length),
    lossName(loss),
    lossText(loss),
    someOf(namesOf(result, loss.who)),
  ]);
  return table(['severity', 'containers', 'loss', 'says', 'whose'], rows);
}

function nodeTables(result: Result): string {
  const rows = result.nodes.map(({ node, worst, byVerdict }) => [
    node ?? 'not known',
    String(VERDICTS.reduce((sum, verdict) => sum + byVerdict[verdict].length, 0)),
    ...VERDICTS.map((verdict) => String(byVerdict[verdict].length)),
    worst ?? '',
  ]);
  const lists = result.nodes.map(({ node, byVerdict }) => {
    const classes = VERDICTS.map((verdict) => [
      verdict,
      namesOf(result, byVerdict[verdict]).join(', '),
    ]).filter(([, names]) => names !== '');
    return `\n## ${escapeMarkdown(node ?? 'node not known')}\n${table(['verdict', 'who'], classes)}`;
  });
  return table(['node', 'containers', ...VERDICTS, 'the worst'], rows) + lists.join('');
}

function fleetTable(result: Result): string {
  if (result.fleet.length === 0) return '';
  const rows = result.fleet.map(({ severity, text, who }) => [severity, text, someOf(namesOf(result, who))]);
  return `\n## between containers\n${table(['severity', 'what', 'whose'], rows)}`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |\n`;
  return `\n${line(header)}| ${header.map(() => '---').join(' | ')} |\n${rows.map(line).join('')}`;
}

function list(names: readonly string[]): string {
  return names.map(escapeMarkdown).join(', ');
}

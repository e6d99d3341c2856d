import type { Entry } from './entry.ts';
import { VERDICTS, verdictOfEntry } from './entry.ts';
import { asciiText } from './escape.ts';
import { groupFindings, isAtLeast } from './finding.ts';
import type { Format, FormatOptions } from './format.ts';
import type { Result } from './result.ts';
import { countsText, hiddenText, namesOf } from './result.ts';
import { fateText, itemsText, lossName, lossText, someOf, titleOf, whereText } from './words.ts';
import { wrap } from './wrap.ts';

/** For a terminal: 80 columns of ASCII, without colours. */
export class TextFormat implements Format {
  readonly #options: FormatOptions;
  /** What was written last. */
  #last: 'nothing' | 'a line' | 'a block' = 'nothing';

  constructor(options: FormatOptions) {
    this.#options = options;
  }

  begin(): string {
    return '';
  }

  /** One line for a container of which there is nothing to say. */
  container(entry: Entry): string {
    const { least } = this.#options;
    const hidden = hiddenText(entry, least);
    const verdict = verdictOfEntry(entry);
    const title = `${titleOf(entry)}: ${verdict}${hidden && ` (${hidden})`}`;
    const shown = groupFindings(entry.findings.filter(({ severity }) => isAtLeast(severity, least)));
    const body = shown.map((finding) => {
      const what = [whereText(finding, entry.file), itemsText(finding.items), fateText(finding)];
      return paragraph(severityHead(finding.severity), what.filter(Boolean).join(' '));
    });
    if (entry.followUps.length > 0) {
      body.push(paragraph('  ', `after the import: ${entry.followUps.join(', ')}`));
    }
    const text = titleLine(title) + body.join('');
    const isBlock = body.length > 0;
    const gap = this.#last === 'a block' || (this.#last === 'a line' && isBlock) ? '\n' : '';
    this.#last = isBlock ? 'a block' : 'a line';
    return gap + text;
  }

  end(result: Result): string[] {
    const sections = [
      this.#options.by === 'loss' ? lossesText(result) : '',
      this.#options.by === 'node' ? nodesText(result) : '',
      fleetText(result),
      this.#options.by === 'container' ? alsoText(result) : '',
      paragraph('', countsText(result.verdicts)),
    ];
    const gap = this.#last === 'nothing' ? '' : '\n';
    return [gap, sections.filter(Boolean).join('\n')];
  }
}

function lossesText(result: Result): string {
  if (result.losses.length === 0) return '';
  const rows = result.losses.map((loss) => {
    const severity = loss.fate === 'failed' ? 'failed' : loss.severity;
    const head = `${severity.padEnd(SEVERITY_WIDTH)}${String(loss.who.length).padStart(COUNT_WIDTH)}  `;
    const indent = ' '.repeat(head.length);
    return (
      paragraph(head, `${lossName(loss)}: ${lossText(loss)}`) +
      paragraph(indent, someOf(namesOf(result, loss.who)))
    );
  });
  return `${'severity'.padEnd(SEVERITY_WIDTH)}${'containers'.padStart(COUNT_WIDTH)}  loss, and whose it is\n${rows.join('')}`;
}

function nodesText(result: Result): string {
  const nodes = result.nodes.map(({ node, worst, byVerdict }) => {
    const verdicts = VERDICTS.flatMap((verdict) => byVerdict[verdict].map(() => verdict));
    const title = `${node ?? 'node not known'}: ${countsText(verdicts)}${worst === null ? '' : `; worst: ${worst}`}`;
    const lists = VERDICTS.map((verdict) => {
      const ctids = byVerdict[verdict].map((place) => result.members[place]?.ctid ?? '(no id)');
      return ctids.length === 0 ? '' : paragraph(`  ${verdict.padEnd(VERDICT_WIDTH)}`, ctids.join(', '));
    });
    return titleLine(title) + lists.join('');
  });
  return nodes.join('\n');
}

function fleetText(result: Result): string {
  if (result.fleet.length === 0) return '';
  const rows = result.fleet.map(({ severity, text, who }) =>
    paragraph(severityHead(severity), `${text}: ${someOf(namesOf(result, who))}`),
  );
  return `between containers\n${rows.join('')}`;
}

/** Their lines above said clean, which was not known better then. */
function alsoText(result: Result): string {
  if (result.alsoNeed.length === 0) return '';
  return titleLine(`also needs a person, called clean above: ${namesOf(result, result.alsoNeed).join(', ')}`);
}

function severityHead(severity: string): string {
  return `  ${severity.padEnd(SEVERITY_WIDTH)}`;
}

function titleLine(text: string): string {
  return wrap('', asciiText(text), TITLE_INDENT);
}

function paragraph(head: string, text: string): string {
  return wrap(head, asciiText(text));
}

const TITLE_INDENT = 4;
const SEVERITY_WIDTH = 'critical'.length + 2;
const COUNT_WIDTH = 'containers'.length;
const VERDICT_WIDTH = 'needs a person'.length + 2;

import { BLOCKERS } from '../../lib/convert/node/blocker-codes.ts';
import { WARNINGS } from '../../lib/convert/warning-codes.ts';
import { forWhom } from '../../lib/guest/list.ts';
import { FIXES } from '../../lib/guest/table.ts';
import type { Parameter } from '../../lib/vz/parameters/parameter.ts';
import { PARAMETERS } from '../../lib/vz/parameters.ts';

/** A part of a manual that is made from a table of the program: `## heading` and all up to the next one. */
export interface GeneratedSection {
  readonly heading: string;
  readonly text: string;
}

/** The sections of vz-to-osctl(8) that are made from the tables of parameters, of blockers and of warnings. */
export function generatedSections(): GeneratedSection[] {
  return [
    { heading: 'PARAMETERS', text: `${ABOUT_PARAMETERS}\n\n${parametersTable()}` },
    { heading: 'All blockers', text: `${ABOUT_BLOCKERS}\n\n${blockersTable()}` },
    { heading: 'All warnings', text: `${ABOUT_WARNINGS}\n\n${warningsTable()}` },
  ];
}

/** The section of vz-guest-fix(8) that is made from the table of fixes. */
export function fixesSection(): GeneratedSection {
  const lines = FIXES.map(
    (fix) => `| \`${fix.id}\` | ${[forWhom(fix), fix.changes, fix.why].map(escapeCell).join(' | ')} |`,
  );
  return { heading: 'THE FIXES', text: table(['fix', 'for', 'what it changes', 'why'], lines) };
}

/** What stands between `## heading` and the next heading, without blank lines around it; null: no such heading. */
export function sectionOf(manual: string, heading: string): string | null {
  return bounds(manual, heading)?.text.trim() ?? null;
}

/** The manual with another text in the section. Throws when it has no such heading. */
export function withSection(manual: string, { heading, text }: GeneratedSection): string {
  const found = bounds(manual, heading);
  if (!found) throw new Error(`the manual has no heading "## ${heading}"`);
  return `${manual.slice(0, found.start)}\n\n${text}\n\n${manual.slice(found.end)}`.trimEnd().concat('\n');
}

function bounds(manual: string, heading: string): { start: number; end: number; text: string } | null {
  const line = `## ${heading}\n`;
  const at = `\n${manual}`.indexOf(`\n${line}`);
  if (at === -1) return null;
  const start = at + line.length - 1;
  const next = manual.indexOf('\n## ', start);
  const end = next === -1 ? manual.length : next + 1;
  return { start, end, text: manual.slice(start, end) };
}

/** Keys that are read alike and end alike share a row, at the place of the first. */
function parametersTable(): string {
  const rows = new Map<string, string[]>();
  for (const parameter of PARAMETERS) {
    const cells = [readAs(parameter), parameter.becomes ?? NOTHING, lost(parameter)].map(escapeCell);
    const end = cells.join(' | ');
    rows.set(end, [...(rows.get(end) ?? []), ...parameter.keys.map((key) => keyText(key, parameter))]);
  }
  const lines = [...rows].map(([end, keys]) => `| ${keys.join(', ')} | ${end} |`);
  return table(['parameter', 'read as', 'becomes', 'what does not come along'], lines);
}

function blockersTable(): string {
  const lines = Object.entries(BLOCKERS).map(([code, says]) => `| ${code} | ${escapeCell(says)} |`);
  return table(['code', 'says'], lines);
}

function warningsTable(): string {
  const lines = Object.entries(WARNINGS).map(
    ([code, { severity, says }]) => `| ${code} | ${severity} | ${escapeCell(says)} |`,
  );
  return table(['code', 'severity', 'says'], lines);
}

function table(head: readonly string[], lines: readonly string[]): string {
  return [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...lines].join('\n');
}

/** `BRIDGEDEV_*` stands for any interface. */
function keyText(key: string, { aliasOf }: Parameter): string {
  return aliasOf === null ? `\`${key}\`` : `\`${key}\` (for \`${aliasOf}\`)`;
}

function readAs({ reads }: Parameter): string {
  return reads?.form ?? 'not read by vzctl of OpenVZ Legacy';
}

function lost({ dropped }: Parameter): string {
  return dropped === null ? NOTHING : `${dropped.reason} (${dropped.severity})`;
}

/** Some texts have their `|` escaped already. */
function escapeCell(text: string): string {
  return text.replace(/(?<!\\)\|/g, '\\|').replace(/\s+/g, ' ');
}

const NOTHING = '-';

const ABOUT_PARAMETERS = `Every parameter of an OpenVZ config. What a row says under *what does not come along* is
reported of a value that nothing was made of, with how much it matters: \`info\`, nothing is lost; \`minor\`, a limit or a
comfort that hardly anybody will miss; \`major\`, a person should look before the container moves; \`critical\`, it will not
do its work on vpsAdminOS, or data stays behind, unless a person helps. A key that is not here is reported as \`unknown\`.`;

const ABOUT_BLOCKERS = `Found with \`--node\` only. A warning of the same code, which says less, is left out then.`;

const ABOUT_WARNINGS = `Severities are those of the parameters. A document also has the warnings of vz-parse-config(8).`;

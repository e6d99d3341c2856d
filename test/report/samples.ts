import type { OsctlContainer, VzErrorDocument } from '../../lib/documents/documents.ts';
import type { Report, Severity } from '../../lib/documents/report.ts';
import { CsvFormat } from '../../lib/report/csv.ts';
import { entryOf, entryOfError } from '../../lib/report/entry.ts';
import { isAtLeast } from '../../lib/report/finding.ts';
import { Fleet } from '../../lib/report/fleet.ts';
import type { Format, FormatOptions } from '../../lib/report/format.ts';
import { JsonFormat } from '../../lib/report/json.ts';
import { Losses } from '../../lib/report/losses.ts';
import { MarkdownFormat } from '../../lib/report/markdown.ts';
import type { Result, View } from '../../lib/report/result.ts';
import { resultOf } from '../../lib/report/result.ts';
import { TextFormat } from '../../lib/report/text.ts';
import { sampleDocument } from '../support/sample-document.ts';

type Ignored = Report['ignored'][number];

export function dropped(key: string, line: number, changes: Partial<Ignored> = {}): Ignored {
  return {
    key,
    raw: '16:16',
    line,
    origin: 'container',
    severity: 'minor',
    fate: 'dropped',
    reason: 'no counterpart in vpsAdminOS',
    ...changes,
  };
}

export function converted(key: string, line: number, became = 'something'): Report['consumed'][number] {
  return { key, raw: 'yes', line, origin: 'container', severity: 'info', fate: 'converted', became };
}

export function warning(
  code: string,
  line: number | null,
  severity: Severity = 'major',
  text = `about ${code}`,
): Report['warnings'][number] {
  return { code, line, severity, text };
}

export function reportOf(changes: Partial<Report> = {}): Report {
  return { consumed: [], ignored: [], warnings: [], ...changes };
}

interface Changes {
  readonly host?: string | null;
  readonly id?: string;
  readonly hostname?: string | null;
  readonly addresses?: readonly string[];
  readonly mac?: string | null;
  readonly report?: Partial<Report>;
  readonly followUps?: OsctlContainer['followUps'];
}

/** A container of a node; nothing of it is lost unless told. */
export function container(ctid: string, changes: Changes = {}): OsctlContainer {
  const { host = null, id = ctid, hostname = null, addresses = [], mac = null, followUps = [] } = changes;
  const reference = { client: 'openssh', user: 'root', port: null, identity: null, legacy: false } as const;
  const source = {
    host: host === null ? null : { ...reference, name: host, options: [] },
    configPath: `/etc/vz/conf/${ctid}.conf`,
  };
  const document = sampleDocument(source);
  const [v4, v6] = [
    addresses.filter((one) => !one.includes(':')),
    addresses.filter((one) => one.includes(':')),
  ];
  const none = { v4: [], v6: [] };
  return {
    ...document,
    ctid,
    id,
    config: {
      ...document.config,
      hostname,
      net_interfaces:
        addresses.length > 0 || mac !== null
          ? [{ type: 'routed', name: 'eth0', hwaddr: mac, ip_addresses: { v4, v6 }, routes: none }]
          : [],
    },
    report: reportOf(changes.report),
    followUps,
  };
}

export function failed(ctid: string | null, code = 'NO_CONTAINER'): VzErrorDocument {
  const message = `ct ${ctid}: no such container`;
  return { kind: 'vz-error', schema: 1, ctid, program: 'vz-parse-config', code, exit: 66, message };
}

/** All but the reading of documents. */
export function resultFor(
  documents: readonly (OsctlContainer | VzErrorDocument)[],
  least: Severity = 'minor',
): Result {
  const fleet = new Fleet();
  const losses = new Losses();
  for (const document of documents) {
    const entry = document.kind === 'vz-error' ? entryOfError(document) : entryOf(document);
    const place = fleet.add(entry);
    losses.add(
      entry.findings.filter(({ severity }) => isAtLeast(severity, least)),
      place,
    );
  }
  return resultOf(fleet, losses, least);
}

export function render(
  name: keyof typeof FORMATS,
  documents: readonly (OsctlContainer | VzErrorDocument)[],
  by: View = 'container',
  least: Severity = 'minor',
): string {
  const format = FORMATS[name]({ by, least });
  const entries = documents.map((one) => (one.kind === 'vz-error' ? entryOfError(one) : entryOf(one)));
  const middle = by === 'container' ? entries.map((entry) => format.container(entry)) : [];
  return [format.begin(), ...middle, ...format.end(resultFor(documents, least))].join('');
}

export const VIEWS = ['container', 'loss', 'node'] as const;
export const FORMATS = {
  text: (options: FormatOptions): Format => new TextFormat(options),
  markdown: (options: FormatOptions): Format => new MarkdownFormat(options),
  csv: (options: FormatOptions): Format => new CsvFormat(options),
  json: (options: FormatOptions): Format => new JsonFormat(options),
};

/** RFC 4180, strictly: CRLF behind each record, quotes only around whole fields and doubled within. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (!match) throw new Error(`no CSV behind ${records.length} records`);
    record.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { OsctlContainer, VzErrorDocument } from '../../lib/documents/documents.ts';
import type { Report } from '../../lib/documents/report.ts';
import { validateDocument } from '../../lib/documents/validate.ts';
import { container, failed, parseCsv, render, VIEWS } from './samples.ts';

/** Pieces that a terminal, a table, a browser or a spreadsheet would take for more than text. */
const HOSTILE = [
  '\n',
  '\r',
  '\t',
  '\x1b[31m',
  '\x9b',
  '|',
  '`',
  '<script>',
  '=cmd()',
  '"',
  ',',
  '\u202e',
  '\ud800',
  '\u00e9',
];

const FEW = { maxLength: 6 };
const text = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 8 }), fc.string({ unit: 'binary' })))
  .map((pieces) => pieces.join(''));
const severity = fc.constantFrom('info', 'minor', 'major', 'critical');
const line = fc.option(fc.integer({ min: 1, max: 20 }));
const item = {
  key: fc.oneof(text, fc.constantFrom('A', 'B', 'C')),
  raw: text,
  line,
  origin: fc.constantFrom('container', 'global'),
  severity,
};
const report: fc.Arbitrary<Report> = fc.record({
  consumed: fc.array(
    fc.record({ ...item, fate: fc.constantFrom('converted', 'approximated'), became: text }),
    FEW,
  ),
  ignored: fc.array(fc.record({ ...item, fate: fc.constantFrom('dropped', 'unknown'), reason: text }), FEW),
  warnings: fc.array(fc.record({ code: text, text, line, severity }), FEW),
});
const hostname = fc.option(fc.constantFrom('web', 'www.example.com', 'a_b'));
const document: fc.Arbitrary<OsctlContainer | VzErrorDocument> = fc.oneof(
  fc
    .record({ ctid: fc.constantFrom('1', '2', '3'), hostname, report, path: fc.option(text) })
    .map(({ ctid, path, ...changes }) => {
      const one = container(ctid, { ...changes, addresses: ['10.0.0.1'] });
      return { ...one, source: { ...one.source, configPath: path } };
    }),
  fc
    .record({ ctid: fc.option(text), message: text, code: text })
    .map((changes) => ({ ...failed('1'), ...changes })),
);
const documents = fc.array(document, { minLength: 1, maxLength: 4 });
const settings = [documents, fc.constantFrom(...VIEWS), severity] as const;

test('what these properties feed are valid documents', () => {
  fc.assert(
    fc.property(document, (one) => {
      validateDocument(one, one.kind, 'here');
    }),
  );
});

test('text: no line is wider than 80 columns, and all of it is ASCII without controls', () => {
  fc.assert(
    fc.property(...settings, (all, by, least) => {
      const written = render('text', all, by, least);
      assert.match(written, /^(?:[\x20-\x7e]{0,80}\n)+$/);
      assert.doesNotMatch(written, /[ \t]$/m);
    }),
  );
});

test('markdown: each row of a table has as many cells as its header, and no HTML', () => {
  fc.assert(
    fc.property(...settings, (all, by, least) => {
      const written = render('markdown', all, by, least);
      assert.doesNotMatch(written, UNSAFE);
      assert.doesNotMatch(written, /<|(?<!\\)(?:\\\\)*`/);
      let width = 0;
      for (const row of written.split('\n')) {
        const cells = row.startsWith('|') ? row.replace(/\\./g, '').split('|').length : 0;
        assert.ok(width === 0 || cells === 0 || cells === width, row);
        width = cells;
      }
    }),
  );
});

test('csv: it reads back as records of one width, and no cell is a formula', () => {
  fc.assert(
    fc.property(...settings, (all, by, least) => {
      const written = render('csv', all, by, least);
      assert.doesNotMatch(written.replaceAll('\r\n', ''), UNSAFE);
      const records = parseCsv(written);
      for (const record of records) {
        assert.equal(record.length, records[0]?.length);
        for (const cell of record) assert.doesNotMatch(cell, /^\s*[=+\-@]/);
      }
    }),
  );
});

test('json: it reads back, holds the texts as they were, and drives no terminal', () => {
  fc.assert(
    fc.property(...settings, (all, by, least) => {
      const written = render('json', all, by, least);
      assert.doesNotMatch(written.replaceAll('\n', ''), UNSAFE);
      const { summary } = JSON.parse(written) as { summary: Record<string, number> };
      assert.equal(summary['containers'], all.length);
    }),
  );
  const one = container('1', { hostname: HOSTILE.join('') });
  const { containers } = JSON.parse(render('json', [one])) as { containers: { hostname: string }[] };
  assert.equal(containers[0]?.hostname, HOSTILE.join(''));
});

test('nothing at the severity asked for is lost: csv has a row for every line that is no warning', () => {
  fc.assert(
    fc.property(report, (one) => {
      const lines = [...one.consumed, ...one.ignored];
      const [, ...records] = parseCsv(
        render('csv', [container('1', { report: { ...one, warnings: [] } })], 'container', 'info'),
      );
      assert.equal(records.filter(([type]) => type === 'finding').length, lines.length);
      const [, ...withWarnings] = parseCsv(
        render('csv', [container('1', { report: one })], 'container', 'info'),
      );
      const severe = lines.filter((entry) => entry.severity !== 'info').length;
      assert.ok(
        withWarnings.filter((record) =>
          ['dropped', 'unknown', 'approximated', 'converted'].includes(record[7] ?? ''),
        ).length >= severe,
      );
    }),
  );
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]/u;

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvRow } from '../../lib/report/csv.ts';
import { escapeMarkdown } from '../../lib/report/markdown.ts';
import { wrap } from '../../lib/report/wrap.ts';
import { container, converted, dropped, failed, parseCsv, render, warning } from './samples.ts';

const BEANCOUNTERS = ['A', 'B', 'C', 'D', 'E'].map((key, index) => dropped(key, index + 3));

const FLEET = [
  container('101', {
    host: 'vz6',
    hostname: 'web',
    addresses: ['10.0.0.1'],
    followUps: [
      { do: 'refquota', bytes: '10737418240' },
      { do: 'device', device: 'tun' },
    ],
    report: {
      consumed: [converted('ONBOOT', 1)],
      ignored: [...BEANCOUNTERS, dropped('TEMPLATE', 7, { origin: 'global', severity: 'info' })],
      warnings: [warning('NO_PREFIX', null, 'major', `${'word '.repeat(20)}end`)],
    },
  }),
  container('102', { host: 'vz6', report: { consumed: [converted('ONBOOT', 1)] } }),
  container('103', { host: 'vz7', id: 'db', addresses: ['10.0.0.1/24'] }),
  failed('104'),
];

test('text by container: what is lost, what is left to do, and who is not clean after all', () => {
  assert.equal(
    render('text', FLEET),
    `root@vz6:101 (web): needs a person (2 info not shown)
  major     word word word word word word word word word word word word word
            word word word word word word word end [NO_PREFIX]
  minor     101.conf:3-7 A, B, C, ... (5) dropped: no counterpart in vpsAdminOS
  after the import: refquota 10 GiB, device tun

root@vz6:102: clean (1 info not shown)
root@vz7:103 -> db: clean

104: failed
  critical  failed: vz-parse-config: ct 104: no such container (exit code 66)
            [NO_CONTAINER]

between containers
  critical  address 10.0.0.1 twice: root@vz6:101, root@vz7:103

also needs a person, called clean above: root@vz7:103

4 containers: 1 clean, 2 need a person, 1 failed
`,
  );
});

test('text by container, of one that is clean, is two lines', () => {
  assert.equal(
    render('text', [container('1')]),
    '1: clean\n\n1 container: 1 clean, 0 need a person, 0 failed\n',
  );
});

test('text shows info, values, fates and lines of vz.conf when asked for', () => {
  const text = render('text', FLEET, 'container', 'info');
  assert.match(text, /^ {2}info {6}101\.conf:1 ONBOOT="yes" converted: something$/m);
  assert.match(text, /^ {2}info {6}vz\.conf:7 TEMPLATE="16:16" dropped: no counterpart/m);
  assert.doesNotMatch(text, /not shown/);
});

test('text by loss and by node', () => {
  assert.equal(
    render('text', FLEET, 'loss'),
    `severity  containers  loss, and whose it is
failed             1  NO_CONTAINER: vz-parse-config: ct 104: no such container
                      (exit code 66)
                      104
major              1  NO_PREFIX: word word word word word word word word word
                      word word word word word word word word word word word end
                      root@vz6:101
minor              1  A, B, C, ... (5) dropped: no counterpart in vpsAdminOS
                      root@vz6:101

between containers
  critical  address 10.0.0.1 twice: root@vz6:101, root@vz7:103

4 containers: 1 clean, 2 need a person, 1 failed
`,
  );
  assert.equal(
    render('text', FLEET, 'node'),
    `root@vz6: 2 containers: 1 clean, 1 needs a person, 0 failed; worst: critical
  clean           102
  needs a person  101

root@vz7: 1 container: 0 clean, 1 needs a person, 0 failed; worst: critical
  needs a person  103

node not known: 1 container: 0 clean, 0 need a person, 1 failed; worst: critical
  failed          104

between containers
  critical  address 10.0.0.1 twice: root@vz6:101, root@vz7:103

4 containers: 1 clean, 2 need a person, 1 failed
`,
  );
});

test('text and markdown shorten who it is, csv and json do not', () => {
  const many = Array.from({ length: 300 }, (_, index) =>
    container(String(index + 1), { report: { ignored: [dropped('A', 1)] } }),
  );
  assert.match(render('text', many, 'loss'), /^ +1, 2, 3, 4, 5, 6, 7, 8 and 292 more$/m);
  assert.match(render('markdown', many, 'loss'), /8 and 292 more \|$/m);
  const all = many.map(({ ctid }) => ctid);
  assert.deepEqual(
    parseCsv(render('csv', many, 'loss'))[1]
      ?.at(-1)
      ?.split(' '),
    all,
  );
  const { losses } = JSON.parse(render('json', many, 'loss')) as { losses: { containers: string[] }[] };
  assert.deepEqual(losses[0]?.containers, all);
});

test('csv has a row for each line and warning, and the verdicts at the end', () => {
  const [header = [], ...rows] = parseCsv(render('csv', FLEET));
  const column = (row: readonly string[], name: string): string => row[header.indexOf(name)] ?? '';
  assert.deepEqual(
    rows.map((row) =>
      ['type', 'container', 'key', 'line', 'text'].map((name) => column(row, name)).join('|'),
    ),
    [
      `finding|root@vz6:101|||${'word '.repeat(20)}end`,
      ...BEANCOUNTERS.map(
        ({ key, line }) => `finding|root@vz6:101|${key}|${line}|no counterpart in vpsAdminOS`,
      ),
      'after|root@vz6:101|||refquota 10 GiB, device tun',
      'finding|104|||vz-parse-config: ct 104: no such container (exit code 66)',
      'between|root@vz6:101|||address 10.0.0.1 twice',
      'between|root@vz7:103|||address 10.0.0.1 twice',
      'verdict|root@vz6:101|||needs a person',
      'verdict|root@vz6:102|||clean',
      'verdict|root@vz7:103|||needs a person',
      'verdict|104|||failed',
    ],
  );
});

test('json holds the shape of the manual, and its verdicts know the whole fleet', () => {
  const report = JSON.parse(render('json', FLEET)) as { containers: object[]; verdicts: object };
  assert.deepEqual(Object.keys(report), [
    ...['kind', 'schema', 'by', 'minSeverity'],
    ...['containers', 'fleet', 'verdicts', 'summary'],
  ]);
  assert.deepEqual(report.verdicts, {
    clean: ['root@vz6:102'],
    needsAPerson: ['root@vz6:101', 'root@vz7:103'],
    blocked: [],
    failed: ['104'],
  });
  const shown = [
    'name',
    'node',
    'ctid',
    'id',
    'hostname',
    'file',
    'failed',
    'findings',
    'followUps',
    'notShown',
  ];
  assert.deepEqual(
    report.containers.map((entry) => Object.keys(entry)),
    FLEET.map(() => shown),
  );
  assert.ok('losses' in JSON.parse(render('json', FLEET, 'loss')));
  assert.ok('nodes' in JSON.parse(render('json', FLEET, 'node')));
});

test('a text that no spreadsheet takes is cut off in csv, in every view', () => {
  const long = container('1', { report: { ignored: [dropped('A', 1, { reason: 'x'.repeat(40_000) })] } });
  for (const by of ['container', 'loss'] as const) {
    const [, row = []] = parseCsv(render('csv', [long], by));
    assert.equal(Math.max(...row.map((cell) => cell.length)), 3000, by);
  }
});

const FORMULAS = ['=cmd()', '+1', '-1', '@SUM(A1)', ' =1', '\t=1', '\n=1', '"=1"'] as const;

test('no cell of a csv begins like a formula', () => {
  for (const formula of FORMULAS) {
    const [[cell = ''] = []] = parseCsv(csvRow([formula]));
    assert.match(cell, /^[^\s=+\-@]/, JSON.stringify(formula));
  }
  assert.equal(csvRow(['a,b', 'say "x"', 'x\r\ny', 5, '']), '"a,b","say ""x""",x\\x0d\\ny,5,\r\n');
});

const MARKDOWN_CASES = [
  ['a|b', 'a\\|b'],
  ['<script>&', '&lt;script&gt;&amp;'],
  ['`x` *y* ~z~', '\\`x\\` \\*y\\* \\~z\\~'],
  ['VE_PRIVATE _x_', 'VE_PRIVATE \\_x\\_'],
  ['[a](javascript:b)', '\\[a\\](javascript:b)'],
  ['a\\|b\nc', 'a\\\\\\|b\\\\nc'],
] as const;

for (const [text, expected] of MARKDOWN_CASES) {
  test(`markdown shows ${JSON.stringify(text)} as it is`, () => {
    assert.equal(escapeMarkdown(text), expected);
  });
}

test('wrapping breaks at blanks, and within words that are longer than a line', () => {
  assert.equal(wrap('  a ', `${'x'.repeat(100)} y`), `  a ${'x'.repeat(76)}\n    ${'x'.repeat(24)} y\n`);
  assert.equal(wrap('', `${'x'.repeat(79)} y`), `${'x'.repeat(79)}\ny\n`);
  assert.equal(wrap('', `${'x'.repeat(78)} y`), `${'x'.repeat(78)} y\n`);
  assert.equal(wrap('- ', ''), '-\n');
});

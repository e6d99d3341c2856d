import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { test } from 'node:test';
import { flagLabel, helpText } from '../lib/cli/help.ts';
import { allFlags } from '../lib/cli/spec.ts';
import { SPECS } from '../lib/cli/specs/all.ts';
import { toRoff } from '../tools/roff.ts';
import { needs } from './support/needs.ts';

const HEADINGS = ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT STATUS', 'FILES', 'EXAMPLES'];

test('every program has a flag table, a manual and a build', () => {
  const names = SPECS.map(({ name }) => name).sort();
  const commands = readdirSync('cmd');
  assert.deepEqual(
    commands.filter((file) => file.endsWith('.ts')).map((file) => basename(file, '.ts')),
    names,
  );
  assert.deepEqual(
    commands.filter((file) => file.endsWith('.8.md')).map((file) => basename(file, '.8.md')),
    names,
  );
  assert.deepEqual(readdirSync('dist/bin').sort(), names);
});

for (const spec of SPECS) {
  const manual = readFileSync(`cmd/${spec.name}.8.md`, 'utf8');
  const section = (heading: string): string =>
    new RegExp(`^## ${heading}\\n([^]*?)(?=^## |(?![^]))`, 'm').exec(manual)?.[1] ?? '';

  test(`${spec.name}: the manual has every section`, () => {
    for (const heading of HEADINGS) assert.notEqual(section(heading).trim(), '', heading);
    assert.equal(section('NAME').trim(), `${spec.name} - ${spec.summary}`);
  });

  test(`${spec.name}: the manual lists the flags of the table, and no others`, () => {
    const labels = [...section('OPTIONS').matchAll(/^`(-[^`]+)`$/gm)].map((match) => match[1]);
    assert.deepEqual(labels.sort(), allFlags(spec).map(flagLabel).sort());
  });

  test(`${spec.name}: --help is that of the table, on one screen`, () => {
    const help = execFileSync(resolve('dist/bin', spec.name), ['--help'], { encoding: 'utf8' });
    assert.equal(help, helpText(spec));
    assert.ok(help.split('\n').length <= 60, `${help.split('\n').length} lines`);
    assert.match(
      execFileSync(resolve('dist/bin', spec.name), ['--version'], { encoding: 'utf8' }),
      /^\S+ \(vz2osctl\) \d/,
    );
  });
}

for (const file of readdirSync('dist/man').filter((name) => /\.\d$/.test(name))) {
  const page = `dist/man/${file}`;

  test(`${file}: mandoc and groff find nothing to warn of`, (t) => {
    if (!needs(t, 'mandoc', 'groff')) return;
    const lint = spawnSync('mandoc', ['-T', 'lint', page], { encoding: 'utf8' });
    assert.deepEqual([lint.status, lint.stdout, lint.stderr], [0, '', '']);
    const groff = spawnSync('groff', ['-ww', '-man', '-Tutf8', page], { encoding: 'utf8' });
    assert.deepEqual([groff.status, groff.stderr], [0, '']);
  });

  test(`${file}: all words of the text are on the page, in their order`, (t) => {
    if (!needs(t, 'mandoc')) return;
    const shown = execFileSync('mandoc', ['-T', 'utf8', '-O', 'width=1000', page], { encoding: 'utf8' });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: bold is a letter, a backspace and the letter again
    const plain = shown.replace(/.\u0008/gu, '').replace(MARKS, '');
    let from = 0;
    for (const word of wordsOf(readFileSync(`${page}.md`, 'utf8'))) {
      const at = plain.indexOf(word, from);
      assert.notEqual(at, -1, `${word} behind ${plain.slice(Math.max(0, from - 100), from)}`);
      from = at + word.length;
    }
  });
}

/** Without the marks of Markdown, and without tables, which become lists. */
function wordsOf(markdown: string): string[] {
  const lines = markdown.split('\n').filter((line) => !/^(\||# )/.test(line));
  const texts = lines.map((line) => line.replace(/^(#+|:|-|\d+\.) /, '').replace(MARKS, ''));
  return texts.flatMap((text) => text.split(/\s+/)).filter((word) => word !== '');
}

/** Marks, and where they are text: there they are overlooked on both sides. */
const MARKS = /[`*\\]/g;

test('what the manuals are not made of is refused, and not left out', () => {
  const options = { date: '2026-01-01', version: '0' };
  assert.throws(() => toRoff('no title\n', options), /title/);
  assert.throws(() => toRoff('# a(8)\n\n![picture](x.png)\n', options), /no image/);
  assert.throws(() => toRoff('# a(8)\n\n> quoted\n', options), /no blockquote_open/);
});

test('roff: what would be a request, a quote, or no ASCII is escaped', () => {
  const roff = toRoff("# a-b(8)\n\n## NAME\n\na-b - does\n\n.not 'it\\`\n\n    .code -x \\ … ^~\n", {
    date: '2026-01-02',
    version: '1',
  });
  assert.deepEqual(roff.split('\n'), [
    '.TH A\\-B 8 2026-01-02 "vz2osctl 1"',
    '.nh',
    '.ad l',
    '.SH "NAME"',
    'a\\-b \\- does',
    '.PP',
    '\\&.not \\(aqit\\(ga',
    '.PP',
    '.RS 4',
    '.nf',
    '\\&.code \\-x \\e \\[u2026] \\(ha\\(ti',
    '.fi',
    '.RE',
    '',
  ]);
});

for (const { name } of SPECS) {
  test(`${name} --help=man shows the manual: with man, and as it was written without`, (t) => {
    if (!needs(t, 'man')) return;
    const program = resolve('dist/bin', name);
    const env = { ...process.env, MANWIDTH: '200', PAGER: '' };
    const shown = execFileSync(program, ['--help=man'], { encoding: 'utf8', env });
    assert.match(shown, new RegExp(`^${name.toUpperCase()}\\(8\\)[\\s\\S]*^NAME\\n\\s+${name} - `, 'm'));
    // Without a man: only node is on PATH.
    const bin = mkdtempSync(join(tmpdir(), 'vz2osctl-manual-'));
    t.after(() => rmSync(bin, { recursive: true }));
    symlinkSync(process.execPath, join(bin, 'node'));
    const args = [program, '--help=man'];
    const plain = spawnSync(process.execPath, args, { encoding: 'utf8', env: { PATH: bin } });
    assert.deepEqual(
      [plain.status, plain.stdout],
      [0, readFileSync(`cmd/${name}.8.md`, 'utf8')],
      plain.stderr,
    );
  });
}

test('vpsadminos-convert man', (t) => {
  if (!needs(t, 'man')) return;
  const shown = execFileSync(resolve('dist/bin/vpsadminos-convert'), ['man'], { encoding: 'utf8' });
  assert.match(shown, /^VPSADMINOS-CONVERT\(8\)/);
});

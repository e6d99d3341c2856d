import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { VzError } from '../../lib/errors.ts';
import type { JsonValue } from '../../lib/osctl/psych-json.ts';
import { psychJson } from '../../lib/osctl/psych-json.ts';
import { needs } from '../support/needs.ts';

/** Reads YAML texts as osctld does, all in one process; texts and values travel as plain JSON lines. */
function rubyLoad(texts: readonly string[]): unknown[] {
  const script = 'STDIN.each_line { |l| puts JSON.generate([YAML.safe_load(JSON.parse(l)[0])]) }';
  const output = execFileSync('ruby', ['-ryaml', '-rjson', '-Ku', '-e', script], {
    input: texts.map((text) => `${JSON.stringify([text])}\n`).join(''),
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    maxBuffer: 256 * 1024 * 1024,
  });
  return output
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as unknown[])[0]);
}

/** Characters that YAML or JSON could take for something. */
const oddChar = fc.constantFrom(
  ...['\0', '\t', '\n', '\r', '\x1b', '\x7f', '\x80', '\x85', '\x9f', '\xa0', '\u2028', '\u2029', '\ufeff'],
  ...[
    '\ufffe',
    '\uffff',
    '\ufffd',
    '😀',
    '\u{1fffe}',
    '\u{10ffff}',
    '"',
    "'",
    '\\',
    '/',
    ':',
    '#',
    '&',
    '*',
    '!',
  ],
  ...['%', '@', '`', '{', '}', '[', ']', ',', '-', '?', '|', '>', '<', '=', '~', ' '],
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.oneof(oddChar, fc.constantFrom('a', '1'))).map((parts) => parts.join('')),
  fc.constantFrom(
    '101',
    '0755',
    '1_000',
    '10:20:30',
    '7.10',
    'no',
    'off',
    'yes',
    'y',
    '~',
    'null',
    'true',
    '',
  ),
  fc.constantFrom(
    '2024-01-02',
    '20180210',
    ':sym',
    '!ruby/object:X {}',
    '&a',
    '*a',
    '<<',
    '=',
    '1e3',
    '.inf',
    '---',
  ),
);
const value = fc.letrec<{ node: JsonValue }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(
      text.filter((key) => key !== '<<'),
      tie('node'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).node;

test('Psych reads every value back unchanged', (t) => {
  if (!needs(t, 'ruby')) return;
  const values = fc.sample(value, 2000);
  const read = rubyLoad(values.map(psychJson));
  for (const [index, expected] of values.entries()) {
    // -0 is written 0 by JSON itself.
    assert.deepEqual(read[index], JSON.parse(JSON.stringify(expected)), psychJson(expected));
  }
});

test('what JSON leaves raw and libyaml refuses or folds is escaped', () => {
  assert.equal(psychJson('\x7f\x80\x85\u2028\ufeff\ufffe'), '"\\u007f\\u0080\\u0085\\u2028\\ufeff\\ufffe"\n');
  assert.equal(psychJson('😀'), '"😀"\n');
});

test('is indented', () => {
  assert.equal(
    psychJson({ a: [], b: {}, c: [1, { d: '101' }] }),
    '{\n  "a": [],\n  "b": {},\n  "c": [\n    1,\n    {\n      "d": "101"\n    }\n  ]\n}\n',
  );
});

test('the longest key that libyaml reads is written, a longer one refused', (t) => {
  const longest = 'k'.repeat(1022);
  if (needs(t, 'ruby')) assert.deepEqual(rubyLoad([psychJson({ [longest]: 1 })]), [{ [longest]: 1 }]);
  assert.throws(() => psychJson({ [`${longest}k`]: 1 }), VzError);
});

test('refuses, naming the field, what cannot make the trip', () => {
  const cases: [JsonValue, RegExp][] = [
    [{ a: [1, 1.5] }, /^a\[1\]: 1\.5 is no integer/],
    [{ a: 2 ** 53 }, /^a: 9007199254740992 is no integer/],
    [{ a: Number.NaN }, /^a: NaN/],
    [{ a: 1e21 }, /^a: 1e\+21/],
    [{ a: { b: 'x\ud800' } }, /^a\.b: a lone surrogate/],
    [{ '\udc00': 1 }, /a lone surrogate/],
    [{ a: { '<<': { b: 1 } } }, /^a\.<<: the key << means a merge/],
  ];
  for (const [input, message] of cases) {
    assert.throws(
      () => psychJson(input),
      (error) => error instanceof VzError && error.exit === 65 && message.test(error.message),
    );
  }
});

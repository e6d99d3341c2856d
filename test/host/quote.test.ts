import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { quoteArgv, quoteForShell } from '../../lib/host/quote.ts';

/** What a shell makes of the quoted words, NUL separated. */
function split(shell: string, words: readonly string[]): string[] {
  const output = execFileSync(shell, ['-c', `printf '%s\\0' ${quoteArgv(words)}`]);
  return output.toString().split('\0').slice(0, -1);
}

for (const shell of ['dash', 'bash']) {
  test(`${shell} gives back exactly the words that were quoted`, () => {
    const hostile = [
      '',
      "'",
      "''",
      '"$(id)`id`"',
      '-n',
      '--',
      'a b',
      'a\nb',
      '*',
      '~',
      '#',
      '!',
      '\\',
      'x=1',
      '=ls',
      'ž€😀',
    ];
    assert.deepEqual(split(shell, hostile), hostile);
    const word = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
        assert.deepEqual(split(shell, words), words);
      }),
      { numRuns: 60 },
    );
  });
}

test('a first word with = stays a command, never an assignment', () => {
  assert.equal(quoteForShell('PATH=x'), "'PATH=x'");
  assert.throws(() => execFileSync('dash', ['-c', quoteArgv(['a=b'])], { stdio: 'pipe' }));
});

test('NUL cannot be quoted', () => {
  assert.throws(() => quoteForShell('a\0b'), TypeError);
});

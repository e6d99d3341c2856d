import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readGrammar } from '../../lib/vz/grammar.ts';

const read = (text: string | Buffer) => [...readGrammar(Buffer.from(text))];
const pair = (text: string) => read(text).map(({ key, raw }) => [key, raw]);

describe('the line grammar', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['A=b', 'A', 'b'],
    ['A="b"', 'A', 'b'],
    ['A=""', 'A', ''],
    ['A=', 'A', ''],
    ['  A="b"  \r', 'A', 'b'],
    ["A='b c'", 'A', "'b c'"],
    ['A= "b"', 'A', ' "b"'],
    ['A = "b"', 'A ', ' "b"'],
    ['A="b" # note', 'A', 'b'],
    ['A=b # note', 'A', 'b # note'],
    ['A="b" # say "c"', 'A', 'b" # say "c'],
    ['A="x"y"z', 'A', 'x"y'],
    ['A="b";B="c"', 'A', 'b";B="c'],
    ['A="a\\"b"', 'A', 'a"b'],
    ['A=b=c', 'A', 'b=c'],
    ['=x', '', 'x'],
    ['export A="b"', 'export A', 'b'],
    ['A+="b"', 'A+', 'b'],
    ['a="b"', 'a', 'b'],
    ['\ufeffA=b', '\ufeffA', 'b'],
    // The backslash pass.
    ['A=a\\\\b', 'A', 'a\\b'],
    ['A=\\"b\\"', 'A', 'b'],
    ['A=b\\', 'A', 'b'],
    ['\\A=b', 'A', 'b'],
    ['\\ A=b', 'A', 'b'],
    // What vzctl up to 3.0.30 leaves at the end, later ones keep too.
    ['A=b"', 'A', 'b"'],
    ['A=b\0="c"', 'A', 'b'],
  ];
  for (const [line, key, raw] of rows) {
    it(JSON.stringify(line), () => assert.deepEqual(pair(line), [[key, raw]]));
  }

  it('takes an unmatched quote with a mark, as old versions do', () => {
    const [line] = read('A="abc');
    assert.deepEqual([line?.raw, line?.isUnmatched, line?.rejected], ['abc', true, null]);
    assert.deepEqual([read('A="')[0]?.raw, read('A="')[0]?.isUnmatched], ['', true]);
    assert.equal(read('A="b"')[0]?.isUnmatched, false);
  });

  it('has no continuation lines', () => {
    assert.deepEqual(pair('A=b\\\nC=d'), [
      ['A', 'b'],
      ['C', 'd'],
    ]);
  });

  for (const blank of ['', '   ', '\t\r', '# A=b', '  #', '\\#A=b', '\\', '\0A=b']) {
    it(`skips ${JSON.stringify(blank)}`, () => assert.deepEqual(read(blank), []));
  }

  it('rejects a line without "="', () => {
    const [line] = read('\n\n  what is this  ');
    assert.deepEqual([line?.key, line?.raw, line?.number], ['', 'what is this', 3]);
    assert.equal(line?.rejected, 'no "=" on the line');
  });

  it('rejects a key of 512 bytes', () => {
    assert.equal(read(`${'K'.repeat(511)}=v`)[0]?.rejected, null);
    assert.match(read(`${'K'.repeat(512)}=v`)[0]?.rejected ?? '', /512 bytes/);
  });

  it('keeps bytes that are not UTF-8', () => {
    const [line] = read(Buffer.from([0x41, 0x3d, 0xe9, 0x74, 0xe9]));
    assert.deepEqual([line?.key, line?.raw, line?.encoding], ['A', 'été', 'latin1']);
    assert.deepEqual([read('A=été')[0]?.raw, read('A=été')[0]?.encoding], ['été', 'utf8']);
    // A no-break space in latin1 is no white space to vzctl.
    assert.equal(read(Buffer.from([0x41, 0x3d, 0x62, 0xa0]))[0]?.raw, 'b\xa0');
  });

  it('gives each line that is not blank and no comment exactly once', () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    const likely = fc.array(fc.constantFrom(...'A="\\#\n\r \0é'.split('')), { maxLength: 60 });
    const input = fc.oneof(
      bytes.map((array) => Buffer.from(array)),
      likely.map((chars) => Buffer.from(chars.join(''), 'latin1')),
    );
    fc.assert(
      fc.property(input, (config) => {
        assert.deepEqual(
          read(config).map(({ number }) => number),
          numbersOfLines(config),
        );
      }),
      { numRuns: 1000 },
    );
  });
});

/** The rule in other words: byte by byte, the first that is no space after the backslash pass. */
function numbersOfLines(config: Buffer): number[] {
  const lines = config.toString('latin1').split('\n');
  return lines.flatMap((line, index) => {
    let escaped = false;
    for (const char of line) {
      if (char === '\0') return [];
      if (char === '\\' && !escaped) {
        escaped = true;
        continue;
      }
      escaped = false;
      if (!' \t\v\f\r'.includes(char)) return char === '#' ? [] : [index + 1];
    }
    return [];
  });
}

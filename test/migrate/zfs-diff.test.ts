import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { readZfsDiff } from '../../lib/migrate/target/zfs-diff.ts';

const VECTORS: readonly (readonly [string, string])[] = [
  ['M\t/tank/ct/101/', 'M /tank/ct/101/'],
  ['+\t/t/new\\0040with\\0040space', '+ /t/new with space'],
  ['-\t/t/gr\\0303\\0274n', '- /t/grün'],
  ['R\t/t/a\\0040b\t/t/c\\0040d', 'R /t/a b -> /t/c d'],
  ['M\t/t/linked\t(+1)', 'M /t/linked (+1)'],
  ['+\t/t/back\\0134slash', '+ /t/back\\0134slash'],
  ['+\t/t/new\\0012line', '+ /t/new\\0012line'],
  ['+\t/t/latin1-\\0351', '+ /t/latin1-\\0351'],
  ['+\t/t/\\0342\\0200\\0256evil', '+ /t/\\0342\\0200\\0256evil'],
  ['+\t/t/\\0033[31m', '+ /t/\\0033[31m'],
  ['+\t/t/\\0101', '+ /t/A'],
  ['+\t/t/\\099x', '+ /t/\\099x'],
];

test('zfs diff: what a terminal can show is shown, a line each', () => {
  for (const [line, expected] of VECTORS) assert.deepEqual(readZfsDiff(`${line}\n`), [expected]);
  assert.deepEqual(readZfsDiff(''), []);
  assert.equal(readZfsDiff(VECTORS.map(([line]) => `${line}\n`).join('')).length, VECTORS.length);
});

test('zfs diff: printf %b makes the name of what is shown', () => {
  for (const name of ['back\\slash', 'new\nline', ' a b ', 'grün\\0101', '\x01\x7f', '%s']) {
    const bytes = [...Buffer.from(`/t/${name}`)];
    const escaped = bytes.map((byte) =>
      byte > 32 && byte < 127 && byte !== 92 ? String.fromCharCode(byte) : octal(byte),
    );
    const [shown = ''] = readZfsDiff(`+\t${escaped.join('')}\n`);
    const made = execFileSync('sh', ['-c', 'printf %b. "$1"', 'sh', shown.slice(2)]);
    assert.equal(made.toString(), `/t/${name}.`);
  }
});

/** As libzfs writes it. */
function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(4, '0')}`;
}

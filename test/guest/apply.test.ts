import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFixLines } from '../../lib/guest/apply.ts';
import { readGuestFixFlag, selectFixes } from '../../lib/guest/select.ts';

const SELECTED = selectFixes('debian', { only: ['mtab', 'fstab-root'], skip: [] });

test('of what a guest says, only lines about the fixes that were asked for count, the last one of each', () => {
  const text = [
    'fix mtab failed /etc/mtab is a symbolic link',
    'fix mtab applied /etc/mtab',
    'fix fstab-root not-needed',
    'fix venet-redhat applied /x',
    'fix mtab exploded',
    ' fix fstab-root failed x',
    'noise',
    '',
  ].join('\n');
  assert.deepEqual(readFixLines(text, SELECTED), [
    { id: 'mtab', outcome: 'applied', what: '/etc/mtab' },
    { id: 'fstab-root', outcome: 'not-needed', what: '' },
  ]);
});

test('control characters and floods of a guest reach nobody', () => {
  const [result] = readFixLines(`fix mtab failed a\u001b[2Jb${'c'.repeat(5000)}\n`, SELECTED);
  assert.equal(result?.what, 'a');
  const [long] = readFixLines(`fix mtab failed ${'c'.repeat(5000)}\n`, SELECTED);
  assert.equal(long?.what.length, 1000);
});

test('--guest-fix: auto, none, or ids', () => {
  assert.deepEqual(readGuestFixFlag('auto'), { only: null, skip: [] });
  assert.equal(readGuestFixFlag('none'), null);
  assert.deepEqual(readGuestFixFlag('mtab,rc-sys'), { only: ['mtab', 'rc-sys'], skip: [] });
  for (const wrong of ['', 'mtab,', 'auto,mtab', 'all']) {
    assert.throws(() => readGuestFixFlag(wrong), /no fix is called/, wrong);
  }
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ParsedValue } from '../../../lib/vz/value.ts';
import {
  parseChoice,
  parseFlag,
  parseFloat10,
  parseLayout,
  parseMask,
  parseName,
  parsePath,
} from '../../../lib/vz/values/text.ts';

const context = { ctid: '101', pageSize: 4096 };
const isValid = (parsed: ParsedValue): boolean => !('reason' in parsed);

it('paths: trailing slashes go, one variable is replaced', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['/vz/private/$VEID', '/vz/private/101'],
    ['/vz/private/${' + 'VEID}', '/vz/private/101'],
    ['/vz/$VEID/$VEID///', '/vz/101/$VEID'],
    ['/vz/${' + 'VEID}/$VEID', '/vz/${' + 'VEID}/101'],
    ['/vz/$VEIDx', '/vz/101x'],
    ['$OTHER/$VEID', '$OTHER/101'],
    ['/', '/'],
    ['///', '/'],
    ['', ''],
  ];
  for (const [raw, text] of rows) {
    assert.deepEqual(parsePath(raw, context), { value: { type: 'text', text }, notes: [] });
  }
  // A replacement pattern of String.replace must not be one here.
  assert.deepEqual(parsePath(`/a/$VEID/$&`, context), {
    value: { type: 'text', text: '/a/101/$&' },
    notes: [],
  });
});

it('yes, no and nothing else', () => {
  assert.deepEqual(parseFlag('yes'), { value: { type: 'flag', on: true }, notes: [] });
  assert.deepEqual(parseFlag('no'), { value: { type: 'flag', on: false }, notes: [] });
  for (const raw of ['auto', 'YES', 'on', '1', '', 'yes ']) assert.equal(isValid(parseFlag(raw)), false, raw);
});

it('layouts', () => {
  const layout = (raw: string) => {
    const parsed = parseLayout(raw);
    return 'reason' in parsed ? parsed.reason : parsed.value;
  };
  assert.deepEqual(layout('simfs'), { type: 'layout', layout: 'simfs', mode: null });
  assert.deepEqual(layout('ploop'), { type: 'layout', layout: 'ploop', mode: null });
  assert.deepEqual(layout('ploop:expanded'), { type: 'layout', layout: 'ploop', mode: 'expanded' });
  assert.match(String(layout('5')), /Virtuozzo/);
  for (const raw of ['', 'ploop:', 'ploop:x', 'SIMFS']) assert.equal(isValid(parseLayout(raw)), false, raw);
});

it('masks', () => {
  for (const raw of ['0-2,7', 'all', '3']) assert.equal(isValid(parseMask(false)(raw, context)), true, raw);
  assert.equal(isValid(parseMask(true)('auto', context)), true);
  for (const raw of ['auto', '', '2-1', '1,', 'x', '1 2']) {
    assert.equal(isValid(parseMask(false)(raw, context)), false, raw);
  }
});

it('names, choices, fractions', () => {
  assert.equal(isValid(parseName('web-1 + a_b.c')), true);
  for (const raw of ['a/b', 'a"b', 'é', '$x']) assert.equal(isValid(parseName(raw)), false, raw);
  assert.equal(isValid(parseChoice(['full'])('full', context)), true);
  assert.equal(isValid(parseChoice(['full'])('Full', context)), false);
  for (const raw of ['1', '1.5', '.5']) assert.equal(isValid(parseFloat10(raw)), true, raw);
  for (const raw of ['', '.', 'x', '1,5']) assert.equal(isValid(parseFloat10(raw)), false, raw);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSize } from '../../lib/zfs/estimate.ts';

// What OpenZFS 2.1 prints for `zfs send -nvP`, tabs included.
test('the size of a full stream', () => {
  assert.equal(readSize('full\tvz/private/101@s1\t69168\nsize\t69168\n'), 69168);
});

test('the size of an increment, among what stderr says', () => {
  const text =
    'incremental\tvz/private/101@s1\tvz/private/101@s2\t21984\nsize\t21984\n\nskipping snapshot x@size\n';
  assert.equal(readSize(text), 21984);
});

test('an estimate below zero, and none at all, are unknown', () => {
  assert.equal(readSize('size\t18446744073709542352\n'), undefined);
  assert.equal(readSize("invalid option 'n'\nusage:\n"), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readableJson } from './readable-json.ts';

test('says the same as plain JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) =>
      assert.deepEqual(JSON.parse(readableJson(value)), JSON.parse(JSON.stringify(value))),
    ),
  );
});

test('what fits, and what holds nothing else, stands on one line', () => {
  const long = 'x'.repeat(150);
  assert.equal(readableJson({ a: [1, { b: 'c' }], d: {} }), '{ "a": [1, { "b": "c" }], "d": {} }\n');
  assert.equal(
    readableJson({ a: [{ b: long }, []], c: 1 }),
    `{\n  "a": [\n    { "b": "${long}" },\n    []\n  ],\n  "c": 1\n}\n`,
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { convert, factsOf, warningCodes } from './samples.ts';

const STOPPED = factsOf({ status: { exists: true, mounted: false, running: false, suspended: false } });
const SUSPENDED = factsOf({ status: { exists: true, mounted: false, running: false, suspended: true } });
const UNASKED = factsOf({ status: null });
const USUAL = { priority: 1000, delay: 5 };

const ROWS = [
  ['ONBOOT="yes"', null, USUAL],
  ['ONBOOT="no"', null, null],
  ['ONBOOT="no"', factsOf(), null],
  ['ONBOOT="yes"', STOPPED, USUAL],
  // Not set, or not a word that vzctl takes: what ran is started again.
  ['', factsOf(), USUAL],
  ['', SUSPENDED, USUAL],
  ['', STOPPED, null],
  ['', UNASKED, null],
  ['', null, null],
  ['ONBOOT="auto"', factsOf(), USUAL],
  ['ONBOOT="auto"', STOPPED, null],
  ['ONBOOT="yes"\nDISABLED="yes"', null, null],
  ['DISABLED="yes"', factsOf(), null],
  ['ONBOOT="yes"\nDISABLED="no"', null, USUAL],
  ['ONBOOT="yes"\nBOOTORDER="10"', null, { priority: 989, delay: 5 }],
  ['ONBOOT="yes"\nBOOTORDER="0"', null, { priority: 999, delay: 5 }],
  ['ONBOOT="yes"\nBOOTORDER="9223372036854775806"', null, { priority: 1, delay: 5 }],
  ['ONBOOT="yes"\nBOOTORDER="unlimited"', null, { priority: 1, delay: 5 }],
  ['ONBOOT="no"\nBOOTORDER="10"', null, null],
] as const;

for (const [config, facts, expected] of ROWS) {
  const state = facts === null ? 'no facts' : JSON.stringify(facts.status);
  test(`autostart of ${JSON.stringify(config)}, ${state}`, () => {
    assert.deepEqual(convert(config, {}, { facts }).config.autostart, expected);
  });
}

test('an invalid ONBOOT is not said to be missing', () => {
  for (const facts of [factsOf(), null]) {
    const { warnings } = convert('ONBOOT="auto"', {}, { facts }).report;
    assert.ok(warnings.some(({ code, line }) => code === 'INVALID_VALUE' && line === 1));
    assert.ok(warnings.some(({ text }) => text.startsWith('ONBOOT sets nothing')));
    assert.ok(!warnings.some(({ text }) => text.includes('ONBOOT is not set')));
  }
});

test('DISABLED travels on and is warned of', () => {
  const container = convert('ONBOOT="yes"\nDISABLED="yes"');
  assert.equal(container.source.disabled, true);
  assert.ok(warningCodes(container).includes('DISABLED'));
  assert.equal(convert('DISABLED="no"').source.disabled, false);
});

test('who starts earlier on OpenVZ never starts later on vpsAdminOS', () => {
  const priority = (order: number | undefined): number => {
    const config = order === undefined ? 'ONBOOT="yes"' : `ONBOOT="yes"\nBOOTORDER="${order}"`;
    return convert(config).config.autostart?.priority ?? Number.NaN;
  };
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (one, other) => {
      assert.ok(priority(Math.max(one, other)) <= priority(Math.min(one, other)));
      assert.ok(priority(one) < priority(undefined));
    }),
  );
});

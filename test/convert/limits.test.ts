import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { OsctlContainer, VzConfig } from '../../lib/documents/documents.ts';
import { validateDocument } from '../../lib/documents/validate.ts';
import type { ItemValue } from '../../lib/documents/values.ts';
import { configOf, convert, convertChecked, factsOf } from './samples.ts';

const KEYS = [
  ...['CPULIMIT', 'CPUS', 'CPUUNITS', 'NUMPROC', 'NUMFILE', 'DISKSPACE', 'DISKINODES', 'QUOTATIME'],
  ...['PHYSPAGES', 'SWAPPAGES', 'IOPRIO', 'STOP_TIMEOUT', 'BOOTORDER', 'QUOTAUGIDLIMIT', 'IOLIMIT'],
];

/** Around every power that some part of the way cannot hold. */
const number = fc.oneof(
  fc.bigInt({ min: 0n, max: 10n ** 20n }),
  fc.constantFrom(0n, 1n, 2n ** 31n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n, 10n ** 20n - 1n),
  fc.bigInt({ min: 0n, max: 10_000_000n }),
);
const decimal = number.map((value) => String(value).slice(0, 20));
const limit = fc.oneof({ weight: 6, arbitrary: decimal }, fc.constant('unlimited'));
const facts = fc.option(
  fc
    .record({
      cpus: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      usedBytes: fc.option(decimal),
      layout: fc.constantFrom('simfs' as const, 'ploop' as const),
    })
    .map(({ cpus, usedBytes, layout }) => factsOf({ usedBytes, layout, node: { ...factsOf().node, cpus } })),
);

function checkNumbers(container: OsctlContainer): void {
  validateDocument(JSON.parse(JSON.stringify(container)), 'osctl-container', 'test');
  for (const { name, value } of container.config.cgparams) {
    for (const part of value.flatMap((one) =>
      typeof one === 'string' ? one.split(' ').map(Number) : [one],
    )) {
      assert.ok(Number.isSafeInteger(part), `${name} ${part}`);
      assert.ok(part > 0 || name === 'memory.swap.max', `${name} ${part}`);
    }
  }
  for (const { soft, hard } of Object.values(container.config.prlimits)) {
    assert.ok(typeof soft === 'number' && typeof hard === 'number' && soft > 0 && soft <= hard);
  }
  for (const followUp of container.followUps) {
    if (followUp.do === 'refquota') assert.match(followUp.bytes, /^[1-9]\d*$/);
  }
}

test('any numbers in a config give a container that osctld takes', () => {
  const value = fc.oneof(
    limit,
    fc.tuple(limit, limit).map((sides) => sides.join(':')),
    decimal.map((n) => `${n}%`),
  );
  const line = fc.tuple(fc.constantFrom(...KEYS), value).map(([key, text]) => `${key}="${text}"`);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), facts, (lines, found) => {
      checkNumbers(convert(lines.join('\n'), {}, { facts: found }));
    }),
    { numRuns: 500 },
  );
});

test('any numbers in a document give a container that osctld takes', () => {
  const value: fc.Arbitrary<ItemValue> = fc.oneof(
    fc.record({ type: fc.constant('integer' as const), number: limit }),
    fc.record({
      type: fc.constant('cpulimit' as const),
      percent: limit,
      of: fc.constantFrom('cpu' as const, 'host' as const),
    }),
    fc.record({
      type: fc.constant('limits' as const),
      unit: fc.constantFrom('pages' as const, 'items' as const, 'kib' as const),
      barrier: limit,
      limit,
    }),
    fc.record({ type: fc.constant('flag' as const), on: fc.boolean() }),
  );
  const items: fc.Arbitrary<VzConfig['items']> = fc.array(
    fc.record({
      key: fc.constantFrom(...KEYS, 'DISK_QUOTA'),
      raw: fc.constant(''),
      encoding: fc.constant('utf8' as const),
      value,
      line: fc.constant(1),
      origin: fc.constant('container' as const),
      state: fc.constant('used' as const),
      reason: fc.constant(null),
    }),
  );
  fc.assert(
    fc.property(items, facts, (list, found) => {
      checkNumbers(convertChecked({ ...configOf(''), items: list, facts: found }));
    }),
    { numRuns: 500 },
  );
});

test('0 is a priority of IOPRIO, and no limit of VM_OVERCOMMIT', () => {
  const severityOf = (text: string) => convert(text).report.ignored[0]?.severity;
  assert.equal(severityOf('IOPRIO="0"'), 'minor');
  assert.equal(severityOf('VM_OVERCOMMIT="0"'), 'info');
  assert.equal(severityOf('VM_OVERCOMMIT="1.5"'), 'minor');
});

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { reportText } from '../../lib/convert/report.ts';
import type { VzConfig } from '../../lib/documents/documents.ts';
import { validateDocument } from '../../lib/documents/validate.ts';
import { itemState } from '../../lib/documents/vz-config.ts';
import { VzError } from '../../lib/errors.ts';
import { PARAMETERS } from '../../lib/vz/parameters.ts';
import { configOf, convert, convertChecked, corpusFile, factsOf, fatesOf } from './samples.ts';

const CORPUS = readdirSync('test/fixtures/openvz-conf')
  .filter((name) => name.endsWith('.conf'))
  .map((name) => name.slice(0, -'.conf'.length));

/** The two things that must hold for any document at all. */
function checkConversion(config: VzConfig): void {
  const container = convertChecked(config);
  validateDocument(JSON.parse(JSON.stringify(container)), 'osctl-container', 'test');
  const { consumed, ignored } = container.report;
  const identity = (item: { key: string; raw: string; line: number | null; origin: string }): string =>
    JSON.stringify([item.origin, item.line, item.key, item.raw]);
  assert.deepEqual([...consumed, ...ignored].map(identity).sort(), config.items.map(identity).sort());
  for (const { reason } of ignored) assert.notEqual(reason, '');
}

/** Where nothing was found, no VE_LAYOUT contradicts it. */
const UNSEEN = factsOf({ layout: null });

for (const name of CORPUS) {
  test(`every item of ${name} is consumed or ignored`, () => {
    checkConversion(configOf(corpusFile(name)));
    checkConversion(configOf(corpusFile(name), { facts: UNSEEN, global: corpusFile('kolyshkin_vzctl_vz') }));
  });
}

/** Keys that vzctl reads, and a few that it does not. */
const KEYS = PARAMETERS.flatMap(({ keys, reads, ignored }) =>
  reads === null || ignored ? keys.slice(0, 1) : keys,
).concat('UNHEARD_OF');

/** Values that one key or another takes. */
const LIKELY = [
  ...'yes no 0 1 7 100 0:1G 240:240 unlimited 50% 0-1 all inherit simfs ploop full web-1'.split(' '),
  ...['10.0.0.1 ::1', '2001:db8::1/64 10.0.0.2/24', 'debian-7.0-x86_64', 'web.example.com', ''],
  ...['NET_ADMIN:on MKNOD:off', 'ppp:on bridge:on nfs:off', 'c:10:200:rw b:8:all:r', 'net/tun:rw fuse:none'],
  ...['ifname=eth0,mac=00:18:51:00:00:01,bridge=vmbr0;ifname=eth1', 'ifname=eth0:1', '/vz/private/$VEID'],
];

test('every item of any config is consumed or ignored', () => {
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom(...LIKELY),
    fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String),
  );
  const line = fc.tuple(fc.constantFrom(...KEYS), value).map(([key, text]) => `${key}="${text}"`);
  const file = fc
    .array(fc.oneof({ weight: 4, arbitrary: line }, fc.string()))
    .map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(file, fc.option(file), fc.boolean(), (text, global, isLooked) => {
      checkConversion(configOf(text, { global, facts: isLooked ? UNSEEN : null }));
    }),
    { numRuns: 500 },
  );
});

test('any bytes as a config give a document, or a failure with a name', () => {
  const bytes = fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array));
  const assignment = fc
    .tuple(fc.constantFrom(...KEYS), bytes)
    .map(([key, value]) => Buffer.concat([Buffer.from(`\n${key}=`), value]));
  const file = fc.array(fc.oneof(bytes, assignment), { maxLength: 8 }).map((parts) => Buffer.concat(parts));
  fc.assert(
    fc.property(file, fc.option(file), fc.boolean(), (container, global, isLooked) => {
      const config = configOf(container, { global, facts: isLooked ? factsOf() : null });
      validateDocument(JSON.parse(JSON.stringify(config)), 'vz-config', 'test');
      try {
        checkConversion(config);
      } catch (error) {
        // What osctld would not take is never the fault of a config.
        if (!(error instanceof VzError) || error.code === 'BAD_RESULT') throw error;
      }
    }),
    { numRuns: 1000 },
  );
});

test('a document whose values do not fit their keys does no harm', () => {
  const anyValue = fc.constantFrom<VzConfig['items'][number]['value']>(
    null,
    { type: 'text', text: '\n' },
    { type: 'flag', on: true },
    { type: 'integer', number: 'unlimited' },
    { type: 'limits', unit: 'items', barrier: '0', limit: '99999999999999999999' },
    { type: 'addresses', addresses: [{ address: 'x; reboot', family: 4, prefix: null }] },
    { type: 'names', inherit: true, names: ['\n'] },
    { type: 'layout', layout: 'ploop', mode: null },
  );
  const items = fc.array(
    fc.record({
      key: fc.constantFrom(...KEYS, '__proto__', 'constructor'),
      raw: fc.string(),
      encoding: fc.constantFrom('utf8' as const, 'latin1' as const),
      value: anyValue,
      line: fc.integer({ min: 1, max: 99 }),
      origin: fc.constantFrom('container' as const, 'global' as const),
      state: fc.constantFrom(...itemState.options),
      reason: fc.option(fc.string({ minLength: 1 })),
    }),
  );
  fc.assert(fc.property(items, (list) => checkConversion({ ...configOf(''), items: list })));
});

test('the reasons of the parser are kept', () => {
  const container = convert('HOSTNAME="a"\nHOSTNAME="b"\nONBOOT="auto"\nSLMMODE="all"\nno assignment');
  assert.deepEqual(fatesOf(container, 'HOSTNAME').length, 2);
  assert.equal(container.report.ignored.length, 4);
  assert.ok(container.report.ignored.some(({ key, raw }) => key === '' && raw === 'no assignment'));
});

test('what every container gets', () => {
  const { config, user, group, followUps, id } = convert('');
  assert.deepEqual(config.prlimits, { nofile: { soft: 1024, hard: 1048576 } });
  assert.deepEqual(
    { devices: config.devices, mounts: config.mounts, nesting: config.nesting },
    { devices: [], mounts: [], nesting: false },
  );
  assert.deepEqual({ user, group, followUps, id }, { user: null, group: null, followUps: [], id: '101' });
});

test('the report is safe to print, and long or odd values do not break its columns', () => {
  const text = reportText(convert(`DESCRIPTION="\x1b[31m${'x'.repeat(5000)}"\nNUMFLOCK="1:2"`), {
    heading: false,
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f]/);
  assert.match(text, /^ {2}DESCRIPTION = \\x1b\[31mx+… /m);
  assert.match(text, /^ {2}NUMFLOCK {4}= 1:2 {2}\(no counterpart in vpsAdminOS\)$/m);
});

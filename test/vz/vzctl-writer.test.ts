import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ItemValue } from '../../lib/documents/values.ts';
import { PARAMETERS } from '../../lib/vz/parameters.ts';
import { parseConfig } from '../../lib/vz/parse-config.ts';
import { parseLimits } from '../../lib/vz/values/numeric.ts';
import { configOf, convertChecked } from '../convert/samples.ts';
import { LONG_MAX, LONG_MAX_32, number, SETTINGS, UNITS, type Unit } from '../support/vzctl-settings.ts';
import type { Setting } from '../support/vzctl-writer.ts';
import { vzctlLine } from '../support/vzctl-writer.ts';

/** How documents hold a number: both spellings of "no limit" are the word. */
const documentNumber = (number: bigint): string =>
  number === LONG_MAX || number === LONG_MAX_32 ? 'unlimited' : String(number);

/** The same value as a document holds it. */
function expected(key: string, setting: Setting): ItemValue {
  switch (setting.type) {
    case 'limits': {
      const unit = UNITS[key] ?? 'items';
      return {
        type: 'limits',
        unit,
        barrier: documentNumber(setting.barrier),
        limit: documentNumber(setting.limit),
      };
    }
    case 'integer':
      return { type: 'integer', number: setting.number === LONG_MAX ? 'unlimited' : String(setting.number) };
    case 'meminfo':
      return { ...setting, number: documentNumber(setting.number) };
    default:
      return setting;
  }
}

/** Records of fast-check have no prototype. */
function plain(value: ItemValue): unknown {
  return JSON.parse(JSON.stringify(value));
}

const NOTHING: Setting = { type: 'text', text: '' };
const config = fc.record({
  isOld: fc.boolean(),
  settings: fc
    .subarray(Object.keys(SETTINGS), { minLength: 1 })
    .chain((keys) =>
      fc.tuple(...keys.map((key) => fc.tuple(fc.constant(key), SETTINGS[key] ?? fc.constant(NOTHING)))),
    ),
});

describe('what vzctl set --save writes', () => {
  it('comes back as it was, without a word', () => {
    fc.assert(
      fc.property(config, ({ isOld, settings }) => {
        const file = settings.map(([key, setting]) => `${vzctlLine(key, setting, isOld)}\n`).join('');
        const parsed = parseConfig({
          ctid: '101',
          container: Buffer.from(file),
          global: null,
          pageSize: 4096,
        });
        assert.deepEqual(parsed.warnings, [], file);
        assert.deepEqual(
          parsed.items.map(({ key, state, value }) => [key, state, value]),
          settings.map(([key, setting]) => [key, 'used', plain(expected(key, setting))]),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('becomes what osctld takes', () => {
    fc.assert(
      fc.property(config, ({ isOld, settings }) => {
        const file = settings.map(([key, setting]) => vzctlLine(key, setting, isOld)).join('\n');
        convertChecked(configOf(file));
      }),
      { numRuns: 500 },
    );
  });

  it('covers every key that a container can have', () => {
    const readable = PARAMETERS.flatMap(({ keys, reads, ignored }) =>
      reads === null || ignored ? [] : keys,
    );
    assert.deepEqual(readable.filter((key) => !(key in SETTINGS)).sort(), NEVER_SET.sort());
  });
});

/** Settings of the node, what is informational or too old, and other names of a key. */
const NEVER_SET = [
  ...['VEID', 'DEF_OSTEMPLATE', 'CONFIGFILE', 'DCACHE', 'IPTENTRIES', 'CPUUWEIGHT', 'TEMPLATE', 'IPV6'],
];

describe('numbers', () => {
  const SUFFIXES: Readonly<Record<string, bigint>> = {
    ...{ B: 1n, K: 2n ** 10n, M: 2n ** 20n, G: 2n ** 30n, T: 2n ** 40n, P: 4096n },
  };
  const UNIT_BYTES: Readonly<Record<Unit, bigint | null>> = {
    ...{ pages: 4096n, bytes: 1n, items: null, kib: 1024n, inodes: 1n },
  };
  const unit = fc.constantFrom<Unit>('pages', 'bytes', 'items', 'kib', 'inodes');
  /** The limit's text; null: invalid. */
  const read = (raw: string, of: Unit): string | null => {
    const parsed = parseLimits(of)(raw, { ctid: '101', pageSize: 4096 });
    return 'reason' in parsed || parsed.value.type !== 'limits' ? null : parsed.value.limit;
  };
  const asRead = (exact: bigint): string => (exact >= LONG_MAX ? 'unlimited' : documentNumber(exact));

  it('without a suffix are exactly what is written', () => {
    fc.assert(
      fc.property(number, unit, (value, of) => assert.equal(read(String(value), of), documentNumber(value))),
    );
  });

  it('with a suffix are exact, and rounded down only where the unit is larger than a byte', () => {
    const suffix = fc.constantFrom(...Object.keys(SUFFIXES), 'b', 'k', 'm', 'g', 't', 'p');
    fc.assert(
      fc.property(number, unit, suffix, (value, of, letter) => {
        const unitBytes = UNIT_BYTES[of];
        const bytes = value * (SUFFIXES[letter.toUpperCase()] ?? 0n);
        const exact = unitBytes === null ? null : asRead(bytes / unitBytes);
        assert.equal(read(`${value}${letter}`, of), exact);
      }),
      { numRuns: 2000 },
    );
  });

  it('with a fraction are exact to the last digit', () => {
    const digits = fc.stringMatching(/^[0-9]{1,12}$/);
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 40n }),
        digits,
        unit,
        fc.constantFrom('K', 'M', 'G', 'T'),
        (whole, fraction, of, letter) => {
          const unitBytes = UNIT_BYTES[of];
          const scale = 10n ** BigInt(fraction.length);
          const scaled = (whole * scale + BigInt(fraction)) * (SUFFIXES[letter] ?? 0n);
          const exact = unitBytes === null ? null : asRead(scaled / (unitBytes * scale));
          assert.equal(read(`${whole}.${fraction}${letter}`, of), exact);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('that mean no limit never become one, least of all 0', () => {
    const none = fc.oneof(
      fc.constantFrom('unlimited', String(LONG_MAX), String(LONG_MAX_32), '-1'),
      fc.bigInt({ min: LONG_MAX, max: 2n ** 64n - 1n }).map(String),
    );
    fc.assert(
      fc.property(none, unit, fc.boolean(), (raw, of, isAlone) => {
        assert.equal(read(isAlone ? raw : `0:${raw}`, of), 'unlimited');
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseQuantity } from '../../lib/vz/numbers.ts';
import type { ParsedValue } from '../../lib/vz/value.ts';
import {
  parseCpuLimit,
  parseInteger,
  parseIoLimit,
  parseLimits,
  parseMeminfo,
} from '../../lib/vz/values/numeric.ts';

const context = { ctid: '101', pageSize: 4096 };

/** `barrier:limit`, `invalid`, with `!` for a warning. */
function brief(parsed: ParsedValue): string {
  if ('reason' in parsed) return 'invalid';
  const mark = parsed.notes.length > 0 ? '!' : '';
  if (parsed.value.type === 'limits') return `${parsed.value.barrier}:${parsed.value.limit}${mark}`;
  if (parsed.value.type === 'integer') return `${parsed.value.number}${mark}`;
  return JSON.stringify(parsed.value);
}

describe('BARRIER:LIMIT', () => {
  const rows: readonly (readonly ['pages' | 'bytes' | 'items' | 'kib' | 'inodes', string, string])[] = [
    ['pages', '0:1048576', '0:1048576'],
    ['pages', '256M', '65536:65536'],
    ['pages', '0.5G:0.5G', '131072:131072'],
    ['pages', '4097B', '1:1'],
    ['pages', '3P:4p', '3:4'],
    ['bytes', '2P', '8192:8192'],
    ['bytes', '16M:17m', '16777216:17825792'],
    ['kib', '2G:2.2G', '2097152:2306867'],
    ['kib', '1023B', '0:0'],
    ['kib', '1T', '1073741824:1073741824'],
    ['kib', 'unlimited:unlimited', 'unlimited:unlimited'],
    ['inodes', '200K', '204800:204800'],
    ['inodes', '2000000.0:2200000.9', '2000000:2200000'],
    ['items', '240', '240:240'],
    ['items', '1.9', '1:1'],
    ['items', '1K', 'invalid'],
    ['items', '1P', 'invalid'],
    ['items', 'unlimited', 'unlimited:unlimited'],
    ['items', '0:unlimited', '0:unlimited'],
    // Odd, and accepted.
    ['items', '', '0:0'],
    ['items', '1:', '1:0'],
    ['items', ':5', '0:5'],
    ['items', ':', '0:0'],
    ['items', ' 7', '7:7'],
    ['items', '+7', '7:7'],
    ['items', '-1', 'unlimited:unlimited!'],
    ['pages', 'P', '0:0'],
    ['pages', '.5G', '131072:131072'],
    ['bytes', '1.', '1:1'],
    ['items', '007', '7:7'],
    // Both spellings of "no limit".
    ['bytes', '9223372036854775807', 'unlimited:unlimited'],
    ['pages', '2147483647', 'unlimited:unlimited'],
    ['bytes', '9223372036854775806', '9223372036854775806:9223372036854775806'],
    ['bytes', '9223372036854775808', 'unlimited:unlimited!'],
    ['bytes', '18446744073709551615', 'unlimited:unlimited!'],
    ['bytes', '9000000T', 'unlimited:unlimited!'],
    // Refused.
    ['bytes', '18446744073709551616', 'invalid'],
    ['bytes', '512MB', 'invalid'],
    ['bytes', '512 M', 'invalid'],
    ['bytes', '512M ', 'invalid'],
    ['items', '1 ', 'invalid'],
    ['items', ' ', 'invalid'],
    ['items', '0x10', 'invalid'],
    ['items', '1:2:3', 'invalid'],
    ['items', 'Unlimited', 'invalid'],
    ['items', 'unlimitedx', 'invalid'],
    ['items', '.', 'invalid'],
    ['items', '-', 'invalid'],
    ['bytes', '-1.5', 'invalid'],
    ['items', 'a', 'invalid'],
  ];
  for (const [unit, raw, expected] of rows) {
    it(`${unit} ${JSON.stringify(raw)} is ${expected}`, () => {
      assert.equal(brief(parseLimits(unit)(raw, context)), expected);
    });
  }

  it('counts pages of the node', () => {
    assert.equal(brief(parseLimits('pages')('1M:2P', { ctid: '1', pageSize: 16384 })), '64:2');
  });

  it('is exact for any number of pages with a suffix', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 41n }), (mebi) => {
        const quantity = parseQuantity(`${mebi}M`, { unitBytes: 4096n, pageSize: 4096 });
        assert.equal(quantity?.number, mebi * 256n);
      }),
    );
  });

  it('takes no time over a hostile line', () => {
    assert.equal(brief(parseLimits('bytes')('9'.repeat(1_000_000), context)), 'invalid');
    assert.equal(brief(parseLimits('bytes')(`1.${'9'.repeat(1_000_000)}K`, context)), '2047:2047');
  });
});

describe('other numbers', () => {
  it('plain integers take digits only', () => {
    const parse = parseInteger({ word: true });
    const cases = ['2', '0', '', 'unlimited', '50.0', '2 ', '0x2', '-1', '9223372036854775808'];
    assert.deepEqual(
      cases.map((raw) => brief(parse(raw, context))),
      ['2', '0', '0', 'unlimited', 'invalid', 'invalid', 'invalid', 'invalid', 'invalid'],
    );
  });

  it('CPUUNITS has a range', () => {
    const parse = parseInteger({ min: 8n, max: 500000n });
    assert.deepEqual(
      ['7', '8', '500000', '500001'].map((raw) => brief(parse(raw, context))),
      ['invalid', '8', '500000', 'invalid'],
    );
  });

  it('CPULIMIT is of one CPU or of the host', () => {
    const cpu = { type: 'cpulimit', percent: '200', of: 'cpu' };
    assert.deepEqual(parseCpuLimit('200'), { value: cpu, notes: [] });
    assert.deepEqual(parseCpuLimit('50%'), { value: { ...cpu, percent: '50', of: 'host' }, notes: [] });
    for (const raw of ['101%', '50.0', 'unlimited', '5 %', '%%']) {
      assert.ok('reason' in parseCpuLimit(raw), raw);
    }
  });

  it('IOLIMIT is bytes a second, cut to 31 bits', () => {
    assert.deepEqual(
      ['10M', '10', '0', 'unlimited', '4G', '1.5M', '1:2'].map((raw) => brief(parseIoLimit(raw, context))),
      ['10485760', '10', '0', 'unlimited', '2147483647!', 'invalid', 'invalid'],
    );
  });

  it('MEMINFO', () => {
    const value = { type: 'meminfo', mode: 'privvmpages', number: '1' };
    assert.deepEqual(parseMeminfo('privvmpages:1'), { value, notes: [] });
    assert.ok(!('reason' in parseMeminfo('none')) && !('reason' in parseMeminfo('')));
    for (const raw of ['pages:0', 'pages', 'pages:', 'none:1', 'x:1']) {
      assert.ok('reason' in parseMeminfo(raw), raw);
    }
  });
});

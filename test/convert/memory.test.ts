import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { OsctlContainer } from '../../lib/documents/documents.ts';
import { convert, factsOf, fatesOf, warningCodes } from './samples.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** The limits in bytes: memory and swap as version 2 has them, after version 1 was seen to say the same. */
function limitsOf({ config }: OsctlContainer): { memory?: number; swap?: number } {
  const values = new Map(config.cgparams.map(({ name, value }) => [name, Number(value[0])]));
  const memory = values.get('memory.max');
  const swap = values.get('memory.swap.max');
  assert.equal(values.get('memory.limit_in_bytes'), memory);
  const memsw = memory === undefined || swap === undefined ? undefined : memory + swap;
  assert.equal(values.get('memory.memsw.limit_in_bytes'), memsw);
  return { ...(memory !== undefined && { memory }), ...(swap !== undefined && { swap }) };
}

const ROWS: readonly (readonly [config: string, limits: { memory?: number; swap?: number }])[] = [
  // VSwap
  ['PHYSPAGES="0:1048576"\nSWAPPAGES="0:524288"', { memory: 4 * GIB, swap: 2 * GIB }],
  ['PHYSPAGES="0:512M"\nSWAPPAGES="0:0"', { memory: 512 * MIB, swap: 0 }],
  ['PHYSPAGES="1G"\nSWAPPAGES="0:unlimited"', { memory: GIB }],
  ['PHYSPAGES="1G"', { memory: GIB }],
  ['PHYSPAGES="1G"\nSWAPPAGES="1G"\nPRIVVMPAGES="256M"\nVMGUARPAGES="128M"', { memory: GIB, swap: GIB }],
  // Beancounters: unlimited PHYSPAGES only account, however they are written
  ['PHYSPAGES="0:unlimited"', {}],
  ['PHYSPAGES="0:2147483647"\nPRIVVMPAGES="65536:69632"', { memory: 272 * MIB }],
  ['PHYSPAGES="0:9223372036854775807"\nPRIVVMPAGES="262144"', { memory: GIB }],
  ['PRIVVMPAGES="262144:524288"\nVMGUARPAGES="1024:unlimited"', { memory: 2 * GIB }],
  ['PRIVVMPAGES="unlimited"\nVMGUARPAGES="262144:unlimited"', { memory: GIB }],
  ['PRIVVMPAGES="unlimited"\nVMGUARPAGES="unlimited"', {}],
  ['PRIVVMPAGES="unlimited"\nVMGUARPAGES="0:unlimited"', {}],
  ['PRIVVMPAGES="262144"\nSWAPPAGES="0:0"', { memory: GIB, swap: 0 }],
  ['PHYSPAGES="unlimited"\nSWAPPAGES="0:50G"', {}],
  // What nobody could have meant
  ['PHYSPAGES=""', {}],
  ['PHYSPAGES="0:0"\nSWAPPAGES="1G"', {}],
  ['PRIVVMPAGES="1073741824:2137483648"\nVMGUARPAGES="25600"', {}],
  ['PHYSPAGES="9007199254740991"', {}],
  ['PHYSPAGES="1G"\nSWAPPAGES="0:9007199254740991"', { memory: GIB }],
  ['', {}],
];

for (const [config, limits] of ROWS) {
  test(`limits of ${JSON.stringify(config)}`, () => {
    assert.deepEqual(limitsOf(convert(config)), limits);
  });
}

test('limit_in_bytes stands before memsw, as the kernel wants it', () => {
  const { config } = convert('PHYSPAGES="1G"\nSWAPPAGES="1G"');
  assert.deepEqual(
    config.cgparams.map(({ version, name }) => `${version} ${name}`),
    ['2 memory.max', '2 memory.swap.max', '1 memory.limit_in_bytes', '1 memory.memsw.limit_in_bytes'],
  );
});

test("a limit above the node's memory is none", () => {
  const facts = factsOf();
  assert.deepEqual(limitsOf(convert('PHYSPAGES="0:8G"', {}, { facts })), { memory: 8 * GIB });
  const above = convert('PHYSPAGES="0:9G"\nSWAPPAGES="0:1G"', {}, { facts });
  assert.deepEqual(limitsOf(above), {});
  assert.ok(warningCodes(above).includes('MEMORY_UNLIMITED'));
  assert.deepEqual(limitsOf(convert('PRIVVMPAGES="9G"\nVMGUARPAGES="100M"', {}, { facts })), {});
});

test('a node that does not say how much memory it has removes no limit', () => {
  const base = factsOf();
  const facts = factsOf({ node: { ...base.node, memoryBytes: '0' } });
  const container = convert('PHYSPAGES="0:1G"\nSWAPPAGES="0:1G"', {}, { facts });
  assert.deepEqual(limitsOf(container), { memory: GIB, swap: GIB });
  assert.ok(!warningCodes(container).includes('MEMORY_UNLIMITED'));
  assert.deepEqual(limitsOf(convert('PRIVVMPAGES="1G"', {}, { facts })), { memory: GIB });
  assert.deepEqual(limitsOf(convert('PRIVVMPAGES="4096G"', {}, { facts })), {});
});

test("pages are the node's", () => {
  const base = factsOf();
  const facts = factsOf({ node: { ...base.node, pageSize: 16384 } });
  assert.deepEqual(limitsOf(convert('PHYSPAGES="0:65536"', {}, { facts })), { memory: GIB });
});

test('the report says what each became', () => {
  const container = convert(
    'PHYSPAGES="0:1048576"\nSWAPPAGES="0:512M"\nNUMFLOCK="1000:1100"\nNUMPTY="unlimited"',
  );
  assert.deepEqual(fatesOf(container, 'PHYSPAGES'), ['-> memory.max 4 GiB']);
  assert.deepEqual(fatesOf(container, 'SWAPPAGES'), ['-> memory.swap.max 512 MiB']);
  assert.deepEqual(fatesOf(container, 'NUMFLOCK'), ['no counterpart in vpsAdminOS']);
  assert.deepEqual(fatesOf(container, 'NUMPTY'), ['sets no limit']);
});

test('too little to start, and a guarantee as limit, are warned of', () => {
  assert.ok(warningCodes(convert('PRIVVMPAGES="1920:2112"')).includes('MEMORY_TINY'));
  assert.ok(warningCodes(convert('VMGUARPAGES="1G"')).includes('MEMORY_FROM_GUARANTEE'));
  assert.ok(warningCodes(convert('PHYSPAGES="1G"')).includes('SWAP_UNLIMITED'));
});

test('memory is never limited to zero, whatever the config holds', () => {
  const limit = fc.oneof(
    fc.constantFrom('unlimited', '0', '2147483647', '9223372036854775807', '', '1G'),
    fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String),
  );
  const line = fc
    .tuple(fc.constantFrom('PHYSPAGES', 'SWAPPAGES', 'PRIVVMPAGES', 'VMGUARPAGES'), limit, limit)
    .map(([key, barrier, value]) => `${key}="${barrier}:${value}"`);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), fc.boolean(), (lines, isLooked) => {
      const facts = isLooked ? factsOf() : null;
      const { memory } = limitsOf(convert(lines.join('\n'), {}, { facts }));
      assert.notEqual(memory, 0);
    }),
  );
});

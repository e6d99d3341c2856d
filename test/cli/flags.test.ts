import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { parseFlags } from '../../lib/cli/flags.ts';
import type { CommandSpec } from '../../lib/cli/spec.ts';
import { allFlags } from '../../lib/cli/spec.ts';
import { VzError } from '../../lib/errors.ts';

const spec: CommandSpec = {
  name: 'vz-test',
  summary: 'tests',
  usage: ['[OPTIONS]'],
  flags: [
    { name: 'consistent', negatable: true, help: '' },
    { name: 'output', short: 'o', value: 'FILE', help: '' },
    { name: 'exclude', value: 'PATTERN', repeatable: true, help: '' },
    { name: 'how', value: 'HOW', choices: ['fast', 'slow'], help: '' },
    { name: 'level', value: 'N', help: '' },
    { name: 'max-downtime', value: 'DURATION', help: '' },
    { name: 'dry-run', short: 'n', help: '' },
  ],
  operands: { min: 0, max: 9 },
  examples: [],
};
const parse = (...argv: string[]) => parseFlags(argv, spec);

test('reads booleans, values, lists, and operands anywhere', () => {
  const flags = parse(
    'a',
    '--no-consistent',
    '-n',
    '--output',
    'x',
    'b',
    '--exclude=1',
    '--exclude',
    '2',
    '--',
    '-c',
  );
  assert.equal(flags.on('consistent', true), false);
  assert.equal(flags.on('dry-run'), true);
  assert.equal(flags.on('verbose'), false);
  assert.equal(flags.text('output'), 'x');
  assert.deepEqual(flags.list('exclude'), ['1', '2']);
  assert.deepEqual(flags.operands, ['a', 'b', '-c']);
});

test('operands and values that look like numbers stay as they are', () => {
  const flags = parse('007', '--output', '1e3', '0x10');
  assert.deepEqual(flags.operands, ['007', '0x10']);
  assert.equal(flags.text('output'), '1e3');
});

test('a value may be a lone dash', () => {
  assert.equal(parse('--output', '-').text('output'), '-');
  assert.equal(parse('-o', '-').text('output'), '-');
});

const REFUSED: readonly [string[], RegExp][] = [
  [['--consistant'], /unknown flag --consistant; did you mean --consistent\?/],
  [['--nonsense-of-all-kinds'], /unknown flag --nonsense-of-all-kinds/],
  [['--toString', 'x'], /unknown flag --toString/],
  [['--__proto__', 'x'], /unknown flag --__proto__/],
  [['--a.b', 'x'], /unknown flag --a.b/],
  [['-x'], /unknown flag -x/],
  [['--no-output'], /unknown flag --no-output/],
  [['--output'], /--output: expected FILE/],
  [['--output', '--dry-run'], /--output: expected FILE/],
  [['--output='], /--output: FILE is empty/],
  [['--output', ''], /--output: FILE is empty/],
  [['-o', 'a', '--output', 'b'], /--output: given twice/],
  [['--dry-run=no'], /--dry-run: takes no value/],
  [['--dry-run='], /--dry-run: takes no value/],
  [['--no-consistent=true'], /takes no value/],
  [['--how', 'medium'], /--how: expected fast, slow, got "medium"/],
  [['-no'], /-o|expected FILE/],
];
for (const [argv, message] of REFUSED) {
  test(`refuses ${JSON.stringify(argv)}`, () => {
    assert.throws(
      () => parseFlags(argv, spec),
      (error: VzError) => error instanceof VzError && error.exit === 64 && message.test(error.line),
    );
  });
}

test('--dry-run=false is false', () => {
  assert.equal(parse('--dry-run=false').on('dry-run', true), false);
});

test('numbers and durations are checked against their range', () => {
  assert.equal(parse('--level', '9').integer('level', { min: 0, max: 9 }), 9);
  for (const bad of ['10', '1.5', 'x', '1e1', ' 1']) {
    assert.throws(
      () => parse(`--level=${bad}`).integer('level', { min: 0, max: 9 }),
      /--level: expected a whole number/,
    );
  }
  assert.equal(parse('--max-downtime', '5m').durationMs('max-downtime'), 300_000);
  assert.equal(parse('--max-downtime', '90').durationMs('max-downtime'), 90_000);
  assert.throws(() => parse('--max-downtime', '5 minutes').durationMs('max-downtime'), /expected a duration/);
});

test('a flag that is not in the table is a bug of ours', () => {
  assert.throws(() => parse().on('typo'), TypeError);
});

test('agrees with util.parseArgs on every command line that it takes', () => {
  const word = fc.oneof(
    fc.constantFrom(
      '--consistent',
      '--no-consistent',
      '-n',
      '--dry-run',
      '--output',
      '--output=x',
      '-o',
      '--exclude=a',
      '--exclude',
    ),
    fc.constantFrom('a', '7', '-', '--', 'x y', '=', 'toString'),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
      let ours: ReturnType<typeof parseFlags>;
      try {
        ours = parseFlags(argv, spec);
      } catch (error) {
        assert.ok(error instanceof VzError && error.exit === 64, String(error));
        return;
      }
      if (argv.some((text) => /^--[a-z-]+=(true|false)$/.test(text))) return;
      const theirs = parseArgs({
        args: argv,
        allowPositionals: true,
        allowNegative: true,
        options: Object.fromEntries(
          allFlags(spec).map((flag) => [
            flag.name,
            {
              type: flag.value === undefined ? 'boolean' : 'string',
              multiple: flag.repeatable === true,
              ...(flag.short ? { short: flag.short } : {}),
            } as const,
          ]),
        ),
      });
      assert.deepEqual(ours.operands, theirs.positionals);
      const values = theirs.values as Record<string, unknown>;
      assert.equal(ours.text('output'), values['output']);
      assert.deepEqual(ours.list('exclude'), values['exclude'] ?? []);
      if ('consistent' in values) assert.equal(ours.on('consistent'), values['consistent']);
      assert.equal(ours.on('dry-run'), values['dry-run'] === true);
    }),
    { numRuns: 2000 },
  );
});

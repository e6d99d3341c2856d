import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convert, fatesOf, warningCodes } from './samples.ts';

const PIDS = [
  ['240:240', 240],
  ['100:200', 200],
  ['4194304', 4_194_304],
  ['4194305', null],
  ['9223372036854775806', null],
  ['unlimited', null],
  ['0', null],
  ['', null],
] as const;

for (const [value, expected] of PIDS) {
  test(`pids.max of NUMPROC ${JSON.stringify(value)}, in both versions`, () => {
    const pids = convert(`NUMPROC="${value}"`).config.cgparams;
    assert.deepEqual(
      pids.map(({ version, subsystem, name, value: [number] }) => [version, subsystem, name, number]),
      expected === null ? [] : [2, 1].map((version) => [version, 'pids', 'pids.max', expected]),
    );
  });
}

const FILES = [
  ['9312:9312', 1024, 9312],
  ['512:512', 512, 512],
  ['1024', 1024, 1024],
  ['1048575', 1024, 1_048_575],
  ['1048576', 1024, 1_048_576],
  ['9223372036854775806', 1024, 1_048_576],
  ['unlimited', 1024, 1_048_576],
  ['0', 1024, 1_048_576],
] as const;

for (const [value, soft, hard] of FILES) {
  test(`prlimit nofile of NUMFILE ${JSON.stringify(value)}`, () => {
    const container = convert(`NUMFILE="${value}"`);
    assert.deepEqual(container.config.prlimits, { nofile: { soft, hard } });
    const isTighter = hard < 1_048_576;
    assert.equal(container.report.consumed[0]?.fate, isTighter ? 'approximated' : undefined);
    assert.equal(container.report.ignored.length, isTighter ? 0 : 1);
  });
}

test('a limit of zero is none, with a warning', () => {
  for (const key of ['NUMPROC', 'NUMFILE']) {
    const container = convert(`${key}="0"`);
    assert.ok(warningCodes(container).includes('LIMIT_ZERO'));
    assert.match(fatesOf(container, key)[0] ?? '', /^no limit: 0/);
    assert.ok(!warningCodes(convert(`${key}="unlimited"`)).includes('LIMIT_ZERO'));
  }
});

test('limits that hardly let a guest start are said', () => {
  const tiny = (text: string): boolean => warningCodes(convert(text)).includes('LIMIT_TINY');
  assert.deepEqual(['NUMPROC="1"', 'NUMPROC="19"', 'NUMFILE="2"', 'NUMPROC="20"', 'NUMFILE="64"'].map(tiny), [
    true,
    true,
    true,
    false,
    false,
  ]);
});

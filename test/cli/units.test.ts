import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../lib/cli/nearest.ts';
import { formatBytes, formatDuration, parseDuration, parseSize } from '../../lib/cli/units.ts';

test('durations', () => {
  assert.deepEqual(
    ['90', '90s', '5m', '2h', '0'].map(parseDuration),
    [90_000, 90_000, 300_000, 7_200_000, 0],
  );
  assert.deepEqual(['', '-1', '1d', '1.5h', '5 m', '12345678s'].map(parseDuration), Array(6).fill(undefined));
  assert.deepEqual([400, 75_000, 720_000, 12_600_000].map(formatDuration), [
    '0.4 s',
    '75 s',
    '12 min',
    '3.5 h',
  ]);
});

test('sizes', () => {
  assert.deepEqual(['512', '64K', '8m', '1G'].map(parseSize), [512, 65_536, 8_388_608, 1_073_741_824]);
  assert.deepEqual(['', 'K', '1T', '-1', '1.5M'].map(parseSize), Array(5).fill(undefined));
  assert.deepEqual([0, 1023, 1536, 4n * 1024n ** 3n].map(formatBytes), ['0 B', '1023 B', '1.5 KiB', '4 GiB']);
});

test('the nearest name is offered only when it is near', () => {
  assert.equal(nearest('exlude', ['exclude', 'output']), 'exclude');
  assert.equal(nearest('zzzzzz', ['exclude', 'output']), undefined);
  assert.equal(nearest('netif', ['output', 'netif-hwaddr', 'netif-name']), 'netif-hwaddr');
  assert.equal(nearest('x', ['output', 'x-very-long-name']), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { container, converted, dropped, failed, resultFor, warning } from './samples.ts';

test('the worst come first, then the most frequent, and who loses it is counted once', () => {
  const { losses } = resultFor([
    container('1', { report: { ignored: [dropped('A', 1), dropped('A', 2), dropped('B', 3)] } }),
    container('2', { report: { ignored: [dropped('A', 1), dropped('C', 1, { severity: 'major' })] } }),
    container('3', { report: { warnings: [warning('W', null, 'critical')] } }),
    failed('4'),
  ]);
  assert.deepEqual(
    losses.map(({ fate, severity, keys, codes, who }) => [fate, severity, [...keys, ...codes].join(), who]),
    [
      ['failed', 'critical', 'NO_CONTAINER', [3]],
      ['warning', 'critical', 'W', [2]],
      ['dropped', 'major', 'C', [1]],
      ['dropped', 'minor', 'A,B', [0, 1]],
    ],
  );
});

test('warnings are one loss by their code, with one text as an example', () => {
  const { losses } = resultFor([
    container('1', { report: { warnings: [warning('TINY', 3, 'major', '8 MiB')] } }),
    container('2', {
      report: { consumed: [converted('PHYSPAGES', 5)], warnings: [warning('TINY', 5, 'major', '9 MiB')] },
    }),
  ]);
  assert.equal(losses.length, 1);
  assert.deepEqual(losses[0], {
    severity: 'major',
    fate: 'warning',
    codes: ['TINY'],
    keys: [],
    text: '8 MiB',
    varies: true,
    who: [0, 1],
  });
});

test('a line with one warning and a line with two of the same code are one loss', () => {
  const veth = { ...converted('NETIF', 7), fate: 'approximated', severity: 'major' } as const;
  const dhcp = (name: string) => warning('NETIF_DHCP', 7, 'major', `${name} is set up by DHCP`);
  const { losses } = resultFor([
    container('1', { report: { consumed: [veth], warnings: [dhcp('eth0')] } }),
    container('2', { report: { consumed: [veth], warnings: [dhcp('eth0'), dhcp('eth1')] } }),
  ]);
  assert.deepEqual(
    losses.map(({ codes, who }) => [codes, who]),
    [[['NETIF_DHCP'], [0, 1]]],
  );
});

test('minor losses of one reason are one row, whoever has them; major ones where the same containers do', () => {
  const both = [dropped('A', 1), dropped('B', 2)];
  const major = (key: string) => dropped(key, 9, { severity: 'major' });
  const { losses } = resultFor([
    container('1', {
      report: { ignored: [...both, dropped('C', 3), dropped('D', 4, { reason: 'other' }), major('X')] },
    }),
    container('2', {
      report: { ignored: [...both, major('X'), major('Y'), dropped('D', 4, { reason: 'another' })] },
    }),
  ]);
  assert.deepEqual(
    losses.map(({ keys, who, varies }) => [keys.join(' '), who, varies]),
    [
      ['X', [0, 1], false],
      ['Y', [1], false],
      ['A B C', [0, 1], false],
      ['D', [0, 1], true],
    ],
  );
});

test('keys of which one example text is alike are no one row', () => {
  const { losses } = resultFor([
    container('1', {
      report: { ignored: [dropped('A', 1, { reason: 'x' }), dropped('B', 2, { reason: 'x' })] },
    }),
    container('2', {
      report: { ignored: [dropped('A', 1, { reason: 'y' }), dropped('B', 2, { reason: 'z' })] },
    }),
  ]);
  assert.deepEqual(
    losses.map(({ keys }) => keys),
    [['A'], ['B']],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convert, fatesOf } from './samples.ts';

const FEATURES = [
  ['sysfs:on', 'converted', 'info'],
  ['ppp:on', 'converted', 'info'],
  ['bridge:on', 'converted', 'info'],
  ['sit:on', 'approximated', 'minor'],
  ['ipip:on ipgre:on', 'approximated', 'minor'],
  ['nfs:on', 'dropped', 'major'],
  ['nfs:on nfsd:on', 'dropped', 'major'],
  ['ppp:on nfs:on', 'dropped', 'major'],
  ['nfs:off', 'dropped', 'info'],
  ['ppp:on nfs:off', 'converted', 'info'],
] as const;

for (const [value, fate, severity] of FEATURES) {
  test(`FEATURES ${value} is ${fate}, ${severity}`, () => {
    const { consumed, ignored } = convert(`FEATURES="${value}"`).report;
    assert.deepEqual(
      [...consumed, ...ignored].map((item) => [item.fate, item.severity]),
      [[fate, severity]],
    );
  });
}

test('a container that ran Docker is nesting: bridge with connection tracking', () => {
  for (const [config, nesting] of [
    ['FEATURES="bridge:on"\nNETFILTER="full"', true],
    ['FEATURES="bridge:on"\nNETFILTER="stateful"', true],
    ['FEATURES="bridge:on"\nNETFILTER="stateless"', false],
    ['FEATURES="bridge:on"', false],
    ['FEATURES="bridge:off"\nNETFILTER="full"', false],
    ['NETFILTER="full"', false],
  ] as const) {
    const container = convert(config);
    assert.equal(container.config.nesting, nesting, config);
    const saysSo = (key: string): boolean => fatesOf(container, key).some((text) => text.startsWith('-> '));
    assert.equal(saysSo('NETFILTER'), nesting, config);
    if (nesting) assert.match(fatesOf(container, 'FEATURES')[0] ?? '', /bridge: nesting/);
  }
});

const NETFILTER = [
  ['NETFILTER="disabled"', 'minor', /not taken away/],
  ['NETFILTER="stateless"', 'info', /restricts nothing/],
  ['NETFILTER="stateful"', 'info', /loads its modules on demand/],
  ['NETFILTER="full"', 'info', /loads its modules on demand/],
  ['IPTABLES="iptable_nat ipt_REJECT"', 'info', /loads its modules on demand/],
  ['IPTABLES="ipt_REJECT"', 'info', /netfilter/],
  ['IPTABLES=""', 'info', /sets nothing/],
] as const;

for (const [config, severity, words] of NETFILTER) {
  test(`${config} loses ${severity === 'info' ? 'nothing' : 'a restriction'}`, () => {
    const { ignored } = convert(config).report;
    assert.deepEqual(
      ignored.map((item) => item.severity),
      [severity],
    );
    assert.match(ignored[0]?.reason ?? '', words);
  });
}

test('NETFILTER overrides IPTABLES', () => {
  const container = convert('IPTABLES="iptable_nat"\nNETFILTER="stateless"');
  assert.deepEqual(fatesOf(container, 'IPTABLES'), ['NETFILTER counts']);
});

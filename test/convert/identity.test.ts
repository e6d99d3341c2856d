import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convert, factsOf, fatesOf, warningCodes } from './samples.ts';

for (const name of ['vps.example.com', 'VZ210', 'a', 'under_score', `${'a'.repeat(64)}`]) {
  test(`hostname ${name}`, () => {
    const container = convert(`HOSTNAME="${name}"`);
    assert.equal(container.config.hostname, name);
    assert.deepEqual(fatesOf(container, 'HOSTNAME'), [`-> hostname ${name}`]);
  });
}

// osctld writes it into LXC's config: what could be more than a name must not get there.
for (const text of [
  '.',
  '..',
  'a..b',
  '-a',
  'a b',
  'a;b',
  '$(x)',
  'žluť',
  'a.',
  `${'a'.repeat(65)}`,
  'x\u0001',
]) {
  test(`no hostname: ${JSON.stringify(text)}`, () => {
    const container = convert(`HOSTNAME="${text}"`);
    assert.equal(container.config.hostname, null);
    assert.ok(warningCodes(container).includes('HOSTNAME_INVALID'));
  });
}

test('an empty hostname is none, without a warning', () => {
  const container = convert('HOSTNAME=""');
  assert.equal(container.config.hostname, null);
  assert.ok(!warningCodes(container).includes('HOSTNAME_INVALID'));
});

test('bytes that are not UTF-8 are no hostname', () => {
  assert.equal(convert('HOSTNAME="a\xff"').config.hostname, null);
});

test('--hostname counts before HOSTNAME', () => {
  const container = convert('HOSTNAME="old"', { hostname: 'new' });
  assert.equal(container.config.hostname, 'new');
  assert.deepEqual(fatesOf(container, 'HOSTNAME'), ['--hostname counts']);
});

test('resolvers of several lines, addresses only', () => {
  const container = convert(
    'NAMESERVER="198.51.100.1 ns.example.com 2001:DB8::1"\nNAMESERVER="198.51.100.2"',
  );
  assert.deepEqual(container.config.dns_resolvers, ['198.51.100.1', '2001:db8::1', '198.51.100.2']);
  assert.ok(warningCodes(container).includes('RESOLVER_INVALID'));
});

test('no resolvers leave resolv.conf alone; an empty list would empty it', () => {
  for (const config of ['', 'NAMESERVER=""', 'NAMESERVER="ns.example.com 8.8 010.1.1.1 fe80::1%eth0"']) {
    assert.equal(convert(config).config.dns_resolvers, null);
  }
});

test("inherit takes the node's, but for those on its loopback", () => {
  const config = 'NAMESERVER="inherit # Copy from host system"';
  assert.deepEqual(convert(config, {}, { facts: factsOf() }).config.dns_resolvers, [
    '198.51.100.1',
    '2001:db8::53',
  ]);
  const base = factsOf();
  const loopback = factsOf({ node: { ...base.node, nameservers: ['127.0.0.53'] } });
  for (const facts of [null, loopback]) {
    const container = convert(config, {}, { facts });
    assert.equal(container.config.dns_resolvers, null);
    assert.ok(warningCodes(container).includes('RESOLVERS_UNKNOWN'));
  }
});

test('a resolver on the loopback of the container itself is kept', () => {
  assert.deepEqual(convert('NAMESERVER="127.0.0.1"').config.dns_resolvers, ['127.0.0.1']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetifOptions } from '../../lib/convert/options.ts';
import { DEFAULT_OPTIONS } from '../../lib/convert/options.ts';
import { convert, warningCodes } from './samples.ts';

function netif(changes: Partial<NetifOptions>): { netif: NetifOptions } {
  return { netif: { ...DEFAULT_OPTIONS.netif, ...changes } };
}

const BOTH = 'IP_ADDRESS="203.0.113.7 2001:DB8:0::7"';

test('routed: each address as a host route, in both lists', () => {
  const { config } = convert(BOTH, netif({ type: 'routed' }));
  const hostRoutes = { v4: ['203.0.113.7/32'], v6: ['2001:db8::7/128'] };
  assert.deepEqual(config.net_interfaces, [
    { type: 'routed', name: 'eth0', hwaddr: null, ip_addresses: hostRoutes, routes: hostRoutes },
  ]);
});

test('bridge: static, with the prefixes and gateways that were given', () => {
  const container = convert(
    BOTH,
    netif({
      name: 'net0',
      link: 'br1',
      hwaddr: '00:16:3e:00:00:01',
      prefixes: { v4: 24, v6: 64 },
      gateways: { v4: '203.0.113.1', v6: 'none' },
    }),
  );
  assert.deepEqual(container.config.net_interfaces, [
    {
      type: 'bridge',
      name: 'net0',
      hwaddr: '00:16:3e:00:00:01',
      link: 'br1',
      dhcp: false,
      ip_addresses: { v4: ['203.0.113.7/24'], v6: ['2001:db8::7/64'] },
      gateways: { v4: '203.0.113.1', v6: 'none' },
    },
  ]);
  assert.ok(!warningCodes(container).includes('NO_PREFIX'));
});

test('bridge: the prefix of IP_ADDRESS is of no use, and one warning for each family says so', () => {
  const container = convert('IP_ADDRESS="10.0.0.1/24 10.0.0.2/24 2001:db8::1/64"');
  const [eth0] = container.config.net_interfaces;
  assert.deepEqual(eth0?.ip_addresses, { v4: ['10.0.0.1/32', '10.0.0.2/32'], v6: ['2001:db8::1/128'] });
  assert.deepEqual(
    warningCodes(container).filter((code) => code === 'NO_PREFIX'),
    ['NO_PREFIX', 'NO_PREFIX'],
  );
});

for (const none of ['', 'IP_ADDRESS=""', 'IP_ADDRESS="0.0.0.0"', 'IP_ADDRESS=":: ::0 0.0.0.0"']) {
  test(`no interface for ${JSON.stringify(none)}`, () => {
    const container = convert(none);
    assert.deepEqual(container.config.net_interfaces, []);
    assert.ok(warningCodes(container).includes('NO_ADDRESS'));
  });
}

test('several lines are one list, without repeats', () => {
  const { config } = convert(
    'IP_ADDRESS="10.0.0.1"\nIP_ADDRESS="10.0.0.2 10.0.0.1"',
    netif({ type: 'routed' }),
  );
  assert.deepEqual(config.net_interfaces[0]?.ip_addresses.v4, ['10.0.0.1/32', '10.0.0.2/32']);
});

test('a venet address that no host can have is left out and said', () => {
  const container = convert('IP_ADDRESS="127.0.0.1 224.0.0.1 203.0.113.7 255.255.255.255 ff02::1 ::1"');
  const [eth0] = container.config.net_interfaces;
  assert.deepEqual(eth0?.ip_addresses, { v4: ['203.0.113.7/32'], v6: [] });
  assert.equal(warningCodes(container).filter((code) => code === 'ADDRESS_INVALID').length, 5);
  assert.deepEqual(
    container.report.consumed.map(({ fate, severity }) => [fate, severity]),
    [['approximated', 'major']],
  );
  assert.deepEqual(convert('IP_ADDRESS="127.0.0.1"').config.net_interfaces, []);
  assert.equal(convert('IP_ADDRESS="127.0.0.1"').report.ignored[0]?.severity, 'major');
});

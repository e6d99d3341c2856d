import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConvertOptions } from '../../lib/convert/options.ts';
import { DEFAULT_OPTIONS } from '../../lib/convert/options.ts';
import { VzError } from '../../lib/errors.ts';
import { convert, fatesOf, ips, warningCodes } from './samples.ts';

const ETH0 =
  'ifname=eth0,mac=00:18:51:AA:BB:01,host_ifname=veth101.0,host_mac=FE:FF:FF:FF:FF:FF,bridge=vmbr0';
const ETH1 = 'ifname=eth1,mac=00:18:51:AA:BB:02,bridge=vmbr1';

test('one bridged interface for each veth, with its name and MAC address, and none of the host side', () => {
  const container = convert(`NETIF="${ETH0};${ETH1}"`, {
    bridgeMap: new Map([
      ['vmbr0', 'lxcbr7'],
      ['vmbr1', 'br1'],
    ]),
  });
  const common = {
    type: 'bridge',
    dhcp: true,
    ip_addresses: { v4: [], v6: [] },
    gateways: { v4: 'auto', v6: 'auto' },
  };
  assert.deepEqual(container.config.net_interfaces, [
    { ...common, name: 'eth0', hwaddr: '00:18:51:aa:bb:01', link: 'lxcbr7' },
    { ...common, name: 'eth1', hwaddr: '00:18:51:aa:bb:02', link: 'br1' },
  ]);
  assert.doesNotMatch(JSON.stringify(container.config), /fe:ff/i);
  assert.match(
    fatesOf(container, 'NETIF')[0] ?? '',
    /eth0: bridge lxcbr7, .* by DHCP, without host_ifname, host_mac/,
  );
  assert.deepEqual(
    warningCodes(container).filter((code) => /BRIDGE|NETIF|ADDRESS/.test(code)),
    ['NETIF_DHCP', 'NETIF_DHCP'],
  );
});

test('a bridge that is not mapped is said once, and so is one that is not named', () => {
  const container = convert(`NETIF="${ETH0};ifname=eth2,bridge=vmbr0,mac=00:18:51:AA:BB:03;ifname=eth3"`);
  assert.deepEqual(
    container.config.net_interfaces.map((one) => one.type === 'bridge' && one.link),
    ['lxcbr0', 'lxcbr0', 'lxcbr0'],
  );
  const codes = warningCodes(container);
  assert.equal(codes.filter((code) => code === 'BRIDGE_NOT_MAPPED').length, 1);
  assert.equal(codes.filter((code) => code === 'BRIDGE_UNKNOWN').length, 1);
});

test('--ip makes a veth static', () => {
  const options = {
    ...ips({ eth0: ['198.51.100.7/24', '2001:db8::7/64'] }),
    bridgeMap: new Map([['vmbr0', 'br0']]),
    netif: { ...DEFAULT_OPTIONS.netif, gateways: { v4: '198.51.100.1', v6: 'none' } },
  };
  const container = convert(`NETIF="${ETH0}"`, options);
  assert.deepEqual(container.config.net_interfaces, [
    {
      type: 'bridge',
      name: 'eth0',
      hwaddr: '00:18:51:aa:bb:01',
      link: 'br0',
      dhcp: false,
      ip_addresses: { v4: ['198.51.100.7/24'], v6: ['2001:db8::7/64'] },
      gateways: { v4: '198.51.100.1', v6: 'none' },
    },
  ]);
  const fate = (text: string): unknown => {
    const found = convert(`NETIF="${text}"`, options).report.consumed.find(({ key }) => key === 'NETIF');
    return [found?.fate, found?.severity];
  };
  assert.deepEqual(fate(ETH0), ['approximated', 'info']);
  assert.deepEqual(fate('ifname=eth0,bridge=vmbr0'), ['approximated', 'minor']);
  assert.deepEqual(fate('ifname=eth0,mac=00:18:51:AA:BB:01,bridge=vmbr0'), ['converted', 'info']);
});

test('venet comes first, and gives way where NETIF has its name', () => {
  const container = convert(`NETIF="${ETH0};${ETH1}"\nIP_ADDRESS="203.0.113.7"`, {
    netif: { ...DEFAULT_OPTIONS.netif, type: 'routed' },
  });
  assert.deepEqual(
    container.config.net_interfaces.map(({ type, name }) => [type, name]),
    [
      ['routed', 'eth2'],
      ['bridge', 'eth0'],
      ['bridge', 'eth1'],
    ],
  );
  assert.ok(warningCodes(container).includes('VENET_RENAMED'));
  const named = convert(`NETIF="${ETH0}"\nIP_ADDRESS="203.0.113.7"`, {
    netif: { ...DEFAULT_OPTIONS.netif, name: 'venet0' },
  });
  assert.deepEqual(
    named.config.net_interfaces.map(({ name }) => name),
    ['venet0', 'eth0'],
  );
  assert.ok(!warningCodes(named).includes('VENET_RENAMED'));
});

test('--ip counts instead of IP_ADDRESS, and makes an interface that is not there', () => {
  const container = convert(
    'IP_ADDRESS="203.0.113.7"',
    ips({ eth0: ['198.51.100.7/24'], eth5: ['10.0.0.1'] }),
  );
  assert.deepEqual(
    container.config.net_interfaces.map(({ name, ip_addresses }) => [name, ip_addresses.v4]),
    [
      ['eth0', ['198.51.100.7/24']],
      ['eth5', ['10.0.0.1/32']],
    ],
  );
  assert.deepEqual(fatesOf(container, 'IP_ADDRESS'), ['--ip counts']);
  assert.match(
    container.report.warnings.find(({ code }) => code === 'NO_PREFIX')?.text ?? '',
    /10\.0\.0\.1 of eth5/,
  );
});

test('a missing or foreign MAC address, and one that occurs twice, are said', () => {
  const codes = (netif: string): string[] => warningCodes(convert(`NETIF="${netif}"`));
  assert.ok(codes('ifname=eth0,bridge=vmbr0').includes('MAC_NEW'));
  assert.ok(codes('ifname=eth0,mac=01:00:5E:00:00:01').includes('MAC_NEW'));
  assert.ok(codes('ifname=a,mac=00:18:51:00:00:01;ifname=b,mac=00:18:51:00:00:01').includes('MAC_TWICE'));
});

test('a veth called like the loopback interface is left out', () => {
  assert.deepEqual(convert('NETIF="ifname=lo,mac=00:18:51:00:00:01"').config.net_interfaces, []);
});

test('a name that osctld would not take leaves that interface out, and no other', () => {
  const container = convert('NETIF="ifname=eth0:1,mac=00:18:51:00:00:01;ifname=eth1,mac=00:18:51:00:00:02"');
  assert.deepEqual(
    container.config.net_interfaces.map(({ name }) => name),
    ['eth1'],
  );
  assert.equal(container.report.ignored.find(({ key }) => key === 'NETIF')?.severity, 'critical');
});

test('the MAC address of a veth is refused for another interface', () => {
  assert.throws(
    () =>
      convert(`NETIF="${ETH0}"\nIP_ADDRESS="203.0.113.7"`, {
        netif: { ...DEFAULT_OPTIONS.netif, hwaddr: '00:18:51:aa:bb:01' },
      }),
    (error) => error instanceof VzError && error.code === 'MAC_TAKEN' && error.exit === 64,
  );
});

test('a MAC address of --netif-hwaddr is for one interface, and never for a veth', () => {
  const hwaddr = '00:16:3e:00:00:01';
  const netif = { ...DEFAULT_OPTIONS.netif, hwaddr };
  const made = convert('', { ...ips({ a: ['10.0.0.1/24'], b: ['10.0.1.1/24'] }), netif });
  assert.deepEqual(
    made.config.net_interfaces.map((one) => one.hwaddr),
    [hwaddr, null],
  );
  assert.ok(!warningCodes(made).includes('FLAG_WITHOUT_EFFECT'));
  assert.ok(warningCodes(convert(`NETIF="${ETH0}"`, { netif })).includes('FLAG_WITHOUT_EFFECT'));
});

test('a host prefix of --ip reaches no gateway that is the address of the bridge', () => {
  const codes = (list: readonly string[], v4: string): string[] =>
    warningCodes(
      convert('', {
        ...ips({ eth0: list }),
        netif: { ...DEFAULT_OPTIONS.netif, gateways: { v4, v6: 'auto' } },
      }),
    );
  assert.ok(codes(['10.0.0.1/32'], 'auto').includes('NO_PREFIX'));
  assert.ok(!codes(['10.0.0.1/32'], 'none').includes('NO_PREFIX'));
  assert.ok(!codes(['10.0.0.1/24', '10.0.0.2/32'], 'auto').includes('NO_PREFIX'));
});

test('flags for bridges have no effect only where no bridge results', () => {
  const routed = {
    netif: { ...DEFAULT_OPTIONS.netif, type: 'routed' as const },
    bridgeFlags: ['--bridge-link'],
  };
  assert.ok(warningCodes(convert('IP_ADDRESS="203.0.113.7"', routed)).includes('FLAG_WITHOUT_EFFECT'));
  const both = convert(`IP_ADDRESS="203.0.113.7"\nNETIF="${ETH1}"`, routed);
  assert.ok(!warningCodes(both).includes('FLAG_WITHOUT_EFFECT'));
});

test('any NETIF and any addresses give interfaces that osctld takes, each of another name', () => {
  const field = fc.oneof(
    fc.constantFrom(
      'ifname=eth0',
      'ifname=eth1',
      'mac=00:18:51:00:00:01',
      'bridge=vmbr0',
      'mac_filter=off',
      ';',
      '""',
    ),
    fc.string({ maxLength: 20 }),
  );
  const netif = fc.array(field).map((fields) => fields.join(','));
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 10 }));
  fc.assert(
    fc.property(
      netif,
      fc.array(address),
      fc.constantFrom('routed' as const, 'bridge' as const),
      (text, list, type) => {
        const { config } = convert(`NETIF="${text}"\nIP_ADDRESS="${list.join(' ')}"`, {
          netif: { ...DEFAULT_OPTIONS.netif, type },
        });
        const names = config.net_interfaces.map(({ name }) => name);
        assert.equal(new Set(names).size, names.length);
      },
    ),
  );
});

test('one interface has the default route: the one whose network the gateway is in, else the first', () => {
  const gatewaysOf = (text: string, options: Partial<ConvertOptions>): unknown[] =>
    convert(text, options).config.net_interfaces.map((one) =>
      one.type === 'bridge' ? one.gateways.v4 : 'routed',
    );
  const two = ips({ eth0: ['198.51.100.7/24'], eth1: ['10.0.0.7/24'] });
  const gateway = (v4: string): Partial<ConvertOptions> => ({
    netif: { ...DEFAULT_OPTIONS.netif, gateways: { v4, v6: 'none' } },
  });
  assert.deepEqual(gatewaysOf(`NETIF="${ETH0};${ETH1}"`, { ...two, ...gateway('auto') }), ['auto', 'none']);
  assert.deepEqual(gatewaysOf(`NETIF="${ETH0};${ETH1}"`, { ...two, ...gateway('10.0.0.1') }), [
    'none',
    '10.0.0.1',
  ]);
  const routed = { netif: { ...DEFAULT_OPTIONS.netif, type: 'routed' as const } };
  assert.deepEqual(
    gatewaysOf(`IP_ADDRESS="203.0.113.7"\nNETIF="${ETH1}"`, { ...ips({ eth1: ['10.0.0.7/24'] }), ...routed }),
    ['routed', 'none'],
  );
});

test('an address of IP_ADDRESS that --ip gives to another interface is said', () => {
  assert.ok(
    warningCodes(convert('IP_ADDRESS="203.0.113.7"', ips({ eth5: ['203.0.113.7/24'] }))).includes(
      'ADDRESS_TWICE',
    ),
  );
  assert.ok(
    !warningCodes(convert('IP_ADDRESS="203.0.113.7"', ips({ eth0: ['203.0.113.7/24'] }))).includes(
      'ADDRESS_TWICE',
    ),
  );
});

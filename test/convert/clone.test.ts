import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_OPTIONS } from '../../lib/convert/options.ts';
import { VzError } from '../../lib/errors.ts';
import { convert, fatesOf, ips, warningCodes } from './samples.ts';

const CONFIG = `HOSTNAME="shop.example.com"
ONBOOT="yes"
BOOTORDER="5"
IP_ADDRESS="203.0.113.7"
NETIF="ifname=eth1,mac=00:18:51:AA:BB:01,bridge=vmbr0"`;
const CLONE = { clone: true, id: '9101' };

test('a clone has another id, no network and no autostart, and says that it is one', () => {
  const { id, config, report } = convert(CONFIG, CLONE);
  assert.deepEqual(
    {
      id,
      interfaces: config.net_interfaces,
      autostart: config.autostart,
      clone: config.attrs['vz2osctl:clone'],
    },
    { id: '9101', interfaces: [], autostart: null, clone: 'yes' },
  );
  assert.equal(config.hostname, 'shop.example.com');
  assert.equal(convert(CONFIG, { ...CLONE, hostname: 'copy' }).config.hostname, 'copy');
  assert.deepEqual(
    report.warnings.filter(({ code }) => /NETIF|ADDRESS|BRIDGE|MAC/.test(code)),
    [],
  );
});

test('a clone that would start with the node as the original does, does not', () => {
  const container = convert(CONFIG, CLONE);
  for (const key of ['ONBOOT', 'BOOTORDER']) {
    assert.deepEqual(fatesOf(container, key), ['a clone does not start by itself']);
  }
  assert.equal(convert('ONBOOT="yes"').config.autostart?.priority, 1000);
});

test('a clone has the interfaces that --ip names, never with a MAC address of the original', () => {
  const { config } = convert(CONFIG, {
    ...CLONE,
    ...ips({ eth0: ['10.9.0.7/32'], eth1: ['10.9.1.7/24'] }),
    netif: { ...DEFAULT_OPTIONS.netif, type: 'routed' },
    bridgeMap: new Map([['vmbr0', 'br5']]),
  });
  assert.deepEqual(
    config.net_interfaces.map((one) => [
      one.type,
      one.name,
      one.hwaddr,
      one.type === 'bridge' ? one.link : null,
    ]),
    [
      ['routed', 'eth0', null, null],
      ['bridge', 'eth1', null, 'br5'],
    ],
  );
  assert.throws(
    () =>
      convert(CONFIG, {
        ...CLONE,
        ...ips({ eth0: ['10.9.0.7/32'] }),
        netif: { ...DEFAULT_OPTIONS.netif, hwaddr: '00:18:51:aa:bb:01' },
      }),
    /MAC address of "eth1"/,
  );
});

test('a clone with the id of the original is refused', () => {
  assert.throws(
    () => convert(CONFIG, { clone: true, id: '101' }),
    (error) => error instanceof VzError && error.code === 'CLONE_ID' && error.exit === 64,
  );
  assert.ok(!warningCodes(convert(CONFIG)).includes('CLONE_ID'));
});

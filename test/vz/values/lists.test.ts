import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ItemValue } from '../../../lib/documents/values.ts';
import type { ParsedValue } from '../../../lib/vz/value.ts';
import { parseAddresses } from '../../../lib/vz/values/addresses.ts';
import { parseDevices, parseDevnodes } from '../../../lib/vz/values/devices.ts';
import { parseNetif } from '../../../lib/vz/values/netif.ts';
import { parseCapabilities, parseFeatures } from '../../../lib/vz/values/switches.ts';
import { parseIptables, parseNames, parseNetdev, parsePci } from '../../../lib/vz/values/words.ts';

function value(parsed: ParsedValue): ItemValue {
  if ('reason' in parsed) throw new Error(parsed.reason);
  return parsed.value;
}
const notes = (parsed: ParsedValue): number => ('reason' in parsed ? -1 : parsed.notes.length);

describe('IP_ADDRESS', () => {
  const addresses = (raw: string): string[] => {
    const parsed = value(parseAddresses(raw));
    assert.equal(parsed.type, 'addresses');
    return parsed.addresses.map(({ address, prefix }) =>
      prefix === null ? address : `${address}/${prefix}`,
    );
  };
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    ['10.0.0.1', ['10.0.0.1']],
    ['10.0.0.1/24 ', ['10.0.0.1/24']],
    ['10.0.0.1\t2001:DB8:0:0::1/64', ['10.0.0.1', '2001:db8::1/64']],
    ['0.0.0.0 :: ::0 10.0.0.1', ['10.0.0.1']],
    ['::ffff:1.2.3.4', ['::ffff:1.2.3.4']],
    ['10.0.0.1 10.0.0.2,10.0.0.3 10.0.0.4', ['10.0.0.1']],
  ];
  for (const [raw, expected] of rows) {
    it(JSON.stringify(raw), () => assert.deepEqual(addresses(raw), expected));
  }
  it('warns that a bad token drops the rest', () => {
    assert.equal(notes(parseAddresses('10.0.0.1 host.example 10.0.0.2')), 1);
  });
  for (const raw of [
    '10.0.0.1,10.0.0.2',
    '10.0.0.1/255.255.255.0',
    'host',
    '10.0.0.1/33',
    '010.0.0.1',
    'fe80::1%eth0',
  ]) {
    it(`refuses ${raw}`, () => assert.ok('reason' in parseAddresses(raw)));
  }
});

describe('NAMESERVER, SEARCHDOMAIN', () => {
  it('inherit as the first word hides the rest', () => {
    const inherit = { type: 'names', inherit: true, names: [] };
    assert.deepEqual(value(parseNames('inherit')), inherit);
    assert.deepEqual(value(parseNames("inherit # Copy from host system's /etc/resolv.conf")), inherit);
  });
  it('takes words as they are', () => {
    assert.deepEqual(value(parseNames(' 8.8.8.8\tns.example  inherit ')), {
      type: 'names',
      inherit: false,
      names: ['8.8.8.8', 'ns.example', 'inherit'],
    });
    assert.deepEqual(value(parseNames('')), { type: 'names', inherit: false, names: [] });
  });
});

describe('NETIF', () => {
  const full =
    'ifname=eth0,bridge=vmbr0,mac=00:18:51:AA:BB:CC,host_ifname=veth101.0,host_mac=FE:FF:FF:FF:FF:FF,mac_filter=off';
  it('reads all fields', () => {
    assert.deepEqual(value(parseNetif(full)), {
      type: 'netif',
      interfaces: [
        {
          ifname: 'eth0',
          mac: '00:18:51:aa:bb:cc',
          hostIfname: 'veth101.0',
          hostMac: 'fe:ff:ff:ff:ff:ff',
          bridge: 'vmbr0',
          macFilter: false,
        },
      ],
    });
  });
  const summary = (raw: string): string => {
    const parsed = value(parseNetif(raw));
    assert.equal(parsed.type, 'netif');
    return parsed.interfaces
      .map((one) => `${one.ifname} ${one.mac} ${one.bridge} ${one.macFilter}`)
      .join('; ');
  };
  const rows: readonly (readonly [string, string])[] = [
    ['ifname=eth0', 'eth0 null null null'],
    ['ifname=eth0;ifname=eth1,bridge=br1', 'eth0 null null null; eth1 null br1 null'],
    ['ifname=eth0,bridge=a;ifname=eth0,bridge=b', 'eth0 null a null'],
    ['ifname=a,ifname=b,bridge=c,bridge=d', 'a null c null'],
    ['ifname=a,mac=00-18-51-00-00-01,mac=00:18:51:00:00:02', 'a 00:18:51:00:00:02 null null'],
    ['ifname=a,mac_filter=on,mac_filter=', 'a null null true'],
    ['ifname=a,gw=10.0.0.1,,', 'a null null null'],
    ['ifname=a;bridge=b;ifname=c', 'a null null null'],
    ['', ''],
  ];
  for (const [raw, expected] of rows) {
    it(JSON.stringify(raw), () => assert.equal(summary(raw), expected));
  }
  for (const raw of [
    'bridge=br0',
    'ifname=',
    'ifname=a234567890123456',
    'ifname=a,mac=00:18:51',
    'ifname=a,mac_filter=x',
  ]) {
    it(`refuses ${raw}`, () => assert.ok('reason' in parseNetif(raw)));
  }
});

describe('devices', () => {
  it('DEVICES', () => {
    assert.deepEqual(value(parseDevices('c:10:200:rw b:8:all:qr c:1:3:none ')), {
      type: 'devices',
      devices: [
        { type: 'char', major: 10, minor: 200, mode: 'rw' },
        { type: 'block', major: 8, minor: null, mode: 'rq' },
        { type: 'char', major: 1, minor: 3, mode: '' },
      ],
    });
    for (const raw of ['b:7:0:rw', 'x:1:2:r', 'c:1:2:x', 'c:1:2', 'c:1::r']) {
      assert.ok('reason' in parseDevices(raw), raw);
    }
    assert.equal(notes(parseDevices('c:1:2:r b:7:0:rw c:1:3:r')), 1);
  });
  it('DEVNODES splits at the last colon', () => {
    assert.deepEqual(value(parseDevnodes('net/tun:rw fuse:rw a:b:r ')), {
      type: 'devnodes',
      nodes: [
        { name: 'net/tun', mode: 'rw' },
        { name: 'fuse', mode: 'rw' },
        { name: 'a:b', mode: 'r' },
      ],
    });
    assert.ok('reason' in parseDevnodes('fuse'));
    assert.ok('reason' in parseDevnodes(':rw'));
  });
  it('PCI is written out in full', () => {
    assert.deepEqual(value(parsePci('1:0.0 0001:0A:1f.7')), {
      type: 'words',
      words: ['0000:01:00.0', '0001:0a:1f.7'],
    });
    assert.ok('reason' in parsePci('card'));
  });
  it('NETDEV refuses what is virtual', () => {
    assert.deepEqual(value(parseNetdev('eth2 eth3')), { type: 'words', words: ['eth2', 'eth3'] });
    for (const name of ['venet0', 'tun0', 'tap1', 'lo']) assert.ok('reason' in parseNetdev(name));
  });
});

describe('switches', () => {
  it('CAPABILITY in any case and with any separator', () => {
    const expected = {
      type: 'switches',
      switches: [
        { name: 'NET_ADMIN', on: true },
        { name: 'SYS_TIME', on: false },
      ],
    };
    for (const raw of [
      'NET_ADMIN:on SYS_TIME:off',
      'net_admin:on,sys_time:off',
      '\tNet_Admin:on, Sys_Time:off ',
    ]) {
      assert.deepEqual(value(parseCapabilities(raw)), expected);
    }
  });
  it('a bad capability drops the rest', () => {
    const parsed = parseCapabilities('MKNOD:on BOGUS:on LEASE:on');
    assert.equal(notes(parsed), 1);
    assert.deepEqual(value(parsed), { type: 'switches', switches: [{ name: 'MKNOD', on: true }] });
    for (const raw of ['MKNOD', 'MKNOD:On', 'BOGUS:on']) assert.ok('reason' in parseCapabilities(raw), raw);
  });
  it('FEATURES skips unknown ones singly', () => {
    const parsed = parseFeatures('nfs:on,bogus:on sit:off NFSD:on');
    assert.equal(notes(parsed), 1);
    assert.deepEqual(value(parsed), {
      type: 'switches',
      switches: [
        { name: 'nfs', on: true },
        { name: 'sit', on: false },
      ],
    });
  });
  it('IPTABLES skips unknown ones singly', () => {
    const parsed = parseIptables('ipt_state,bogus iptable_nat ');
    assert.equal(notes(parsed), 1);
    assert.deepEqual(value(parsed), { type: 'words', words: ['ipt_state', 'iptable_nat'] });
  });
});

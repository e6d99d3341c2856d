import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARAMETERS } from '../../lib/vz/parameters.ts';
import { convert, fatesOf } from './samples.ts';

/** For each key of which something is made, a config in which something is there to be made of it. */
const SAMPLES: Record<string, string> = {
  NAME: 'NAME="web"',
  DESCRIPTION: 'DESCRIPTION="a shop"',
  HOSTNAME: 'HOSTNAME="web.example.com"',
  ONBOOT: 'ONBOOT="yes"',
  BOOTORDER: 'ONBOOT="yes"\nBOOTORDER="5"',
  DISABLED: 'DISABLED="yes"',
  OSTEMPLATE: 'OSTEMPLATE="debian-7.0-x86_64"',
  ORIGIN_SAMPLE: 'ORIGIN_SAMPLE="basic"',
  STOP_TIMEOUT: 'STOP_TIMEOUT="60"',
  PHYSPAGES: 'PHYSPAGES="0:1G"',
  SWAPPAGES: 'PHYSPAGES="0:1G"\nSWAPPAGES="0:1G"',
  PRIVVMPAGES: 'PRIVVMPAGES="262144"',
  VMGUARPAGES: 'VMGUARPAGES="262144:unlimited"',
  NUMPROC: 'NUMPROC="240"',
  NUMFILE: 'NUMFILE="9312"',
  CPUUNITS: 'CPUUNITS="1000"',
  CPULIMIT: 'CPULIMIT="50"',
  CPUS: 'CPUS="2"',
  VE_PRIVATE: 'VE_PRIVATE="/vz/private/101"',
  VE_ROOT: 'VE_ROOT="/vz/root/101"',
  VE_LAYOUT: 'VE_LAYOUT="simfs"',
  DISKSPACE: 'DISKSPACE="10G"',
  DISK_QUOTA: 'DISK_QUOTA="no"',
  IP_ADDRESS: 'IP_ADDRESS="203.0.113.7"',
  NETIF: 'NETIF="ifname=eth1,mac=00:18:51:12:34:56,bridge=vmbr0"',
  NAMESERVER: 'NAMESERVER="198.51.100.1"',
  SEARCHDOMAIN: 'SEARCHDOMAIN="example.com"',
  NETFILTER: 'NETFILTER="full"\nFEATURES="bridge:on"',
  DEVICES: 'DEVICES="c:10:200:rw"',
  DEVNODES: 'DEVNODES="net/tun:rw"',
  CAPABILITY: 'CAPABILITY="NET_ADMIN:on"',
  FEATURES: 'FEATURES="ppp:on"',
};

const ROWS = PARAMETERS.filter(({ becomes }) => becomes !== null);

for (const key of ROWS.flatMap(({ keys }) => keys)) {
  test(`something is made of ${key}, as its row says`, () => {
    const config = SAMPLES[key];
    assert.ok(config, `a sample of ${key}`);
    const [fate] = fatesOf(convert(config), key);
    assert.match(fate ?? '', /^-> /);
  });
}

test('a key of which nothing is made has a reason', () => {
  for (const { keys, becomes, dropped } of PARAMETERS) {
    assert.ok(becomes !== null || dropped !== null, keys.join(' '));
  }
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifyArchive } from '../../lib/osctl/verify.ts';
import { needs } from '../support/needs.ts';
import { startVpsAdminOsNode } from '../support/nodes.ts';
import { changedMembers, containerDocument, makeArchive, metadata } from './archives.ts';

type Changes = Record<string, string | Buffer | undefined>;

const CONFIG = containerDocument().config;
const [ROUTED] = CONFIG.net_interfaces;
const BRIDGE = { type: 'bridge', name: 'eth0', link: 'lxcbr0', dhcp: false };
const MAPS = JSON.stringify({ uid_map: ['0:666000:65536'], gid_map: ['0:666000:65536'] });

const config = (changes: object): Changes => ({
  'config/container.yml': JSON.stringify({ ...CONFIG, ...changes }, null, 2),
});
const netif = (changes: object): Changes => config({ net_interfaces: [{ ...ROUTED, ...changes }] });
const named = (kind: 'user' | 'group', name: string, file: string): Changes => ({
  'metadata.yml': metadata({ [kind]: name }),
  [`config/${kind}.yml`]: file,
});

const INTEGER_ID = 'Integer id in YAML';

const REFUSED: [string, Changes][] = [
  ['skel without data', { 'metadata.yml': metadata({ type: 'skel' }), 'rootfs/base.tar.gz': undefined }],
  ['user without maps', named('user', 'web', '{}')],
  ['map that is no map', named('user', 'web', '{"uid_map":["x"],"gid_map":["0:1:2"]}')],
  ['group that is a list', named('group', '/web', '[]')],
  ['user in upper case', named('user', 'Web', MAPS)],
  ['address junk', netif({ ip_addresses: { v4: ['junk'], v6: [] } })],
  ['route junk', netif({ routes: { v4: ['300.1.1.1/32'], v6: [] } })],
  ['prefix too long', netif({ ip_addresses: { v4: ['203.0.113.7/33'], v6: [] } })],
  ['gateway junk', config({ net_interfaces: [{ ...BRIDGE, gateways: { v4: 'junk', v6: 'auto' } }] })],
  ['unknown family', netif({ ip_addresses: { 4: [] } })],
  ['hostname of dots', config({ hostname: '.' })],
  ['init_cmd that is text', config({ init_cmd: '/sbin/init' })],
  ['unknown device type', config({ devices: [{ type: 'foo' }] })],
  ['mount that is a number', config({ mounts: [1] })],
  ['key of 1100 characters', config({ attrs: { [`a:${'k'.repeat(1100)}`]: 'v' } })],
  ['autostart without delay', config({ autostart: { priority: 1000 } })],
  ['attribute without vendor', config({ attrs: { x: 'y' } })],
  ['hints without a map', config({ hints: { cpu_daily: null } })],
  ['hook without its directory', { 'hooks/post-start.d/x': '#!/bin/sh\n' }],
  [INTEGER_ID, { 'metadata.yml': 'type: full\nformat: tar\ncontainer: 101\ndatasets: []\n' }],
];

const TAKEN: [string, Changes][] = [
  ['as we write it', {}],
  ['no type', { 'metadata.yml': metadata({ type: undefined }) }],
  ['named user', named('user', 'web1', MAPS)],
  ['named group', named('group', '/web1', '{"cgparams":[],"devices":[],"attrs":{}}')],
  ['prlimits as a list', config({ prlimits: [{ name: 'nofile', soft: 1024, hard: 'unlimited' }] })],
  ['route via', netif({ routes: { v4: [{ address: '203.0.113.0/28', via: '203.0.113.7' }], v6: [] } })],
  ['MAC in upper case', netif({ hwaddr: 'AA:BB:CC:00:00:01' })],
  ['IPv6', netif({ ip_addresses: { v4: [], v6: ['2001:db8::7/128'] } })],
  ['other architecture', config({ arch: 'i686' })],
  ['only one family', netif({ ip_addresses: { v4: ['203.0.113.7'] } })],
  ['what osctl ct export has', config({ start_menu: { timeout: 5 }, init_cmd: ['/sbin/init', 'x'] })],
  ['unknown keys', config({ something: 1 })],
];

test('what --verify says, the import does', async (t) => {
  if (!needs(t, 'ruby', 'sshd', 'ssh')) return;
  const node = startVpsAdminOsNode(t);
  const cases = [
    ...REFUSED.map((row) => [...row, false] as const),
    ...TAKEN.map((row) => [...row, true] as const),
  ];
  for (const [index, [label, changes, expected]] of cases.entries()) {
    const archive = makeArchive(changedMembers({ 'container.json': undefined, ...changes }));
    const { report } = await verifyArchive(chunk(archive));
    assert.equal(report.ok, expected, `${label}: ${JSON.stringify(report.errors)}`);
    const file = join(node.dir, 'case.tar');
    writeFileSync(file, archive);
    // An id for each, since what fails leaves ghosts; but not where the id is the point.
    const id = label === INTEGER_ID ? [] : ['--as-id', `c${index}`];
    const { code, stderr } = node.osctl(['-q', 'ct', 'import', ...id, file]);
    assert.equal(code === 0, expected, `${label}: ${stderr}${node.daemonLog().split('\n').at(-2)}`);
  }
});

test('what depends on the options of the import is a warning', async () => {
  const codes = async (changes: Changes): Promise<string[]> => {
    const { report } = await verifyArchive(chunk(makeArchive(changedMembers(changes))));
    assert.deepEqual(report.errors, []);
    return report.warnings.map(({ code }) => code);
  };
  assert.deepEqual(await codes({ 'metadata.yml': metadata({ container: 'Web' }) }), ['NO_AUTOMATIC_USER']);
  assert.deepEqual(await codes({ 'metadata.yml': metadata({ container: null }) }), ['NO_ID']);
});

test('an archive without data is right only where it is not for an import', async () => {
  const archive = makeArchive(
    changedMembers({ 'metadata.yml': metadata({ type: 'skel' }), 'rootfs/base.tar.gz': undefined }),
  );
  const { report } = await verifyArchive(chunk(archive), { allowSkel: true });
  assert.deepEqual([report.ok, report.warnings.map(({ code }) => code)], [true, ['SKEL']]);
});

async function* chunk(data: Buffer): AsyncGenerator<Buffer> {
  yield data;
}

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEFAULT_OPTIONS } from '../../lib/convert/options.ts';
import type { OsctlContainer } from '../../lib/documents/documents.ts';
import { openSshHost } from '../../lib/host/openssh.ts';
import { run } from '../../lib/host/run.ts';
import { tarCommand } from '../../lib/rootfs/tar.ts';
import { configOf, convert, convertChecked, factsOf, fatesOf, warningCodes } from './samples.ts';

/**
 * What the converter in Ruby that vpsAdminOS ships reads otherwise than vzctl does, or loses. Each test is named for
 * the cause, and says what is right.
 */
const parametersOf = ({ config }: OsctlContainer): Record<string, unknown> =>
  Object.fromEntries(config.cgparams.map(({ name, value }) => [name, value[0]]));
const ROUTED = { netif: { ...DEFAULT_OPTIONS.netif, type: 'routed' as const } };
const RUNNING = factsOf();
const STOPPED = factsOf({ status: { exists: true, mounted: false, running: false, suspended: false } });

test('unlimited PHYSPAGES only account: no limit, never one of 0 bytes', () => {
  const container = convert('PHYSPAGES="0:unlimited"');
  assert.deepEqual(parametersOf(container), {});
  assert.deepEqual(fatesOf(container, 'PHYSPAGES'), ['-> no limit, accounting only']);
});

test('unlimited SWAPPAGES are no limit of swap, never swap of 0', () => {
  const parameters = parametersOf(convert('PHYSPAGES="0:1G"\nSWAPPAGES="0:unlimited"'));
  assert.deepEqual(parameters, { 'memory.max': 2 ** 30, 'memory.limit_in_bytes': 2 ** 30 });
});

test('empty IP_ADDRESS and NAMESERVER are empty lists, not one address of no characters', () => {
  const { config } = convert('IP_ADDRESS=""\nNAMESERVER=""');
  assert.deepEqual([config.net_interfaces, config.dns_resolvers], [[], null]);
});

test("NAMESERVER=inherit is the node's resolv.conf, not an address", () => {
  const { config } = convert('NAMESERVER="inherit"', {}, { facts: RUNNING });
  assert.deepEqual(config.dns_resolvers, ['198.51.100.1', '2001:db8::53']);
  assert.equal(convert('NAMESERVER="inherit"').config.dns_resolvers, null);
});

for (const word of ['auto', 'true', '']) {
  test(`ONBOOT="${word}" is unset, with a warning, not fatal`, () => {
    const container = convert(`ONBOOT="${word}"`, {}, { facts: RUNNING });
    assert.notEqual(container.config.autostart, null);
    assert.ok(warningCodes(container).includes('INVALID_VALUE'));
    assert.equal(convert(`ONBOOT="${word}"`, {}, { facts: STOPPED }).config.autostart, null);
  });
}

test('without ONBOOT, what runs is started at boot', () => {
  assert.notEqual(convert('', {}, { facts: RUNNING }).config.autostart, null);
  assert.equal(convert('', {}, { facts: STOPPED }).config.autostart, null);
});

test('without VE_LAYOUT, the disk decides, and a file alone is no failure', () => {
  assert.equal(convert('', {}, { facts: factsOf({ layout: 'ploop' }) }).source.layout, 'ploop');
  assert.equal(convert('', {}, { facts: factsOf({ layout: 'simfs' }) }).source.layout, 'simfs');
  assert.equal(convert('').source.layout, 'simfs');
});

test('without VE_PRIVATE and VE_ROOT, those of vz.conf count', () => {
  const global = 'VE_PRIVATE=/vz/private/$VEID\nVE_ROOT=/vz/root/$VEID';
  const { source } = convert('', {}, { global });
  assert.deepEqual([source.privatePath, source.rootPath], ['/vz/private/101', '/vz/root/101']);
});

test('without OSTEMPLATE, the root filesystem says what it is, or it runs as other', () => {
  const guest = { ...RUNNING.guest, osRelease: { id: 'debian', versionId: '9' } };
  const { config } = convert('', {}, { facts: factsOf({ guest }) });
  assert.deepEqual([config.distribution, config.version], ['debian', '9']);
  assert.equal(convert('').config.distribution, 'other');
});

test('the dot before an EZ template is no part of the distribution', () => {
  const { config } = convert('OSTEMPLATE=".centos-6-x86_64"');
  assert.deepEqual([config.distribution, config.version, config.arch], ['centos', '6', 'x86_64']);
});

test('fractions of DISKSPACE count to the KiB', () => {
  const { followUps } = convert('DISKSPACE="2G:2.2G"');
  assert.deepEqual(followUps, [{ do: 'refquota', bytes: String(2306867 * 1024) }]);
});

for (const [key, first, second] of [
  ['CAPABILITY', 'NET_ADMIN', 'SYS_TIME'],
  ['FEATURES', 'nfs', 'sit'],
] as const) {
  test(`commas in ${key} stand between entries`, () => {
    const config = configOf(`${key}="${first}:on,${second}:off"`);
    const switches = [
      { name: first, on: true },
      { name: second, on: false },
    ];
    assert.deepEqual(config.items[0]?.value, { type: 'switches', switches });
    assert.equal(config.items[0]?.state, 'used');
    convertChecked(config);
  });
}

test('repeated keys count by their kind: the last, the first, or all of them', () => {
  const { config } = convert(
    'PHYSPAGES="1G"\nPHYSPAGES="2G"\nHOSTNAME="a"\nHOSTNAME="b"\nIP_ADDRESS="10.0.0.1"\nIP_ADDRESS="10.0.0.2"',
    ROUTED,
  );
  assert.equal(config.cgparams.find(({ name }) => name === 'memory.max')?.value[0], 2 * 2 ** 30);
  assert.equal(config.hostname, 'a');
  assert.deepEqual(config.net_interfaces[0]?.ip_addresses.v4, ['10.0.0.1/32', '10.0.0.2/32']);
});

test('keys with digits are keys', () => {
  const { report } = convert('IP6TABLES="ip6_tables"');
  assert.deepEqual(
    report.ignored.map(({ key, fate }) => [key, fate]),
    [['IP6TABLES', 'dropped']],
  );
});

test('a prefix in IP_ADDRESS makes no network: venet has host routes', () => {
  const [netif] = convert('IP_ADDRESS="10.0.0.1/24"', ROUTED).config.net_interfaces;
  assert.deepEqual(netif?.ip_addresses.v4, ['10.0.0.1/32']);
  assert.deepEqual(netif?.type === 'routed' && netif.routes.v4, ['10.0.0.1/32']);
});

test('0.0.0.0 is how panels write no address', () => {
  assert.deepEqual(convert('IP_ADDRESS="0.0.0.0"').config.net_interfaces, []);
});

test('indented lines count, and so do those of a CRLF file; exported ones are named', () => {
  for (const line of ['  HOSTNAME="web"', 'HOSTNAME="web"\r', 'HOSTNAME=web\r']) {
    assert.equal(convert(`${line}\nONBOOT="no"`).config.hostname, 'web', JSON.stringify(line));
  }
  const exported = convert('export HOSTNAME="web"');
  assert.equal(exported.config.hostname, null);
  assert.ok(warningCodes(exported).includes('BENT_KEY'));
});

/** What was not carried over, and mostly not even reported. */
const LOST = [
  'NETIF="ifname=eth1,mac=00:18:51:00:00:01,bridge=vmbr0"',
  ...[
    'CPUUNITS="2000"',
    'CPULIMIT="50"',
    'CPUS="2"',
    'NUMPROC="240"',
    'IOLIMIT="10485760"',
    'IOPSLIMIT="100"',
  ],
  ...['IOPRIO="7"', 'SEARCHDOMAIN="example.com"', 'NAME="web"', 'DESCRIPTION="a shop"', 'DISABLED="yes"'],
  ...['CAPABILITY="NET_ADMIN:on"', 'FEATURES="nfs:on"', 'NETFILTER="full"', 'DISKSPACE="10G"'],
  ...['STOP_TIMEOUT="60"', 'MOUNT_OPTS="noatime"', 'BOOTORDER="10"'],
];

for (const line of LOST) {
  const key = line.slice(0, line.indexOf('='));
  test(`${key} is carried over or named, never lost in silence`, () => {
    const { report } = convert(`${line}\n${key === 'BOOTORDER' ? 'ONBOOT="yes"' : ''}`);
    const fates = [...report.consumed, ...report.ignored].filter((item) => item.key === key);
    assert.equal(fates.length, 1);
    const [item] = fates;
    assert.ok(item && item.fate !== 'unknown');
    const said = 'became' in item ? item.became : item.reason;
    assert.doesNotMatch(said, /^(sets nothing|sets no limit)?$/);
  });
}

test('action scripts run at mount and start: each is named, and goes along', () => {
  const path = '/etc/vz/conf/101.mount';
  const content = '#!/bin/sh\nmount -n --bind /srv/shared $VE_ROOT/srv\n';
  const config = configOf('', { facts: factsOf({ actionScripts: [{ path, executable: true }] }) });
  const files = [{ path, role: 'script', encoding: 'utf8', content }] as const;
  const container = convertChecked({ ...config, source: { ...config.source, files: [...files] } });
  assert.deepEqual(container.source.files, files);
  const warning = container.report.warnings.find(({ code }) => code === 'ACTION_SCRIPT');
  assert.match(warning?.text ?? '', /101\.mount/);
  assert.match(warning?.text ?? '', /mount -n --bind \/srv\/shared/);
  assert.equal(warning?.severity, 'major');
});

test('mounts below the root stay where they are, file capabilities and holes come along', () => {
  const command = tarCommand('/vz/private/101', { version: '1.23', xattrs: true, sparse: true }, []);
  for (const flag of ['--one-file-system', '--xattrs', '--sparse', '--numeric-owner']) {
    assert.ok(command.includes(flag), flag);
  }
});

test('the host key of a node is checked, whatever ssh_config says', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-ssh-'));
  const path = process.env['PATH'];
  t.after(() => {
    process.env['PATH'] = path;
    rmSync(dir, { recursive: true, force: true });
  });
  writeFileSync(join(dir, 'ssh'), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  chmodSync(join(dir, 'ssh'), 0o755);
  process.env['PATH'] = `${dir}:${path}`;
  const options = ['StrictHostKeyChecking=no'];
  const node = {
    client: 'openssh',
    user: 'root',
    name: 'node',
    port: null,
    identity: null,
    legacy: false,
  } as const;
  const { stdout } = await run(openSshHost({ ...node, options }, assert.fail), ['true']);
  // ssh_config(5): the first value obtained is used.
  const given = stdout.toString().match(/^StrictHostKeyChecking=\w+$/gm);
  assert.equal(given?.[0], 'StrictHostKeyChecking=yes');
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ContainerYml } from '../../../lib/documents/container-yml.ts';
import { psychJson } from '../../../lib/osctl/psych-json.ts';
import { convert } from '../../convert/samples.ts';
import { needs } from '../needs.ts';
import { checkedAtEnd, containerYmlOf, violationsOf } from './checked.ts';

const BAD_DOCUMENT = 'VZ2OSCTL_TEST_BAD_DOCUMENT';

const GOOD = convert(
  'PHYSPAGES="0:1G"\nSWAPPAGES="0:0"\nHOSTNAME="web.example.com"\nNAMESERVER="192.0.2.1 2001:db8::1"\nONBOOT="yes"',
).config;
const BRIDGE = {
  type: 'bridge',
  name: 'eth0',
  hwaddr: '00:16:3e:12:34:56',
  ip_addresses: { v4: ['192.0.2.7/24'], v6: ['2001:db8::7/64'] },
  link: 'lxcbr0',
  dhcp: false,
  gateways: { v4: '192.0.2.1', v6: 'auto' },
};
const ROUTED = {
  type: 'routed',
  name: 'eth1',
  hwaddr: null,
  ip_addresses: { v4: ['192.0.2.8/32'], v6: [] },
  routes: { v4: ['192.0.2.8/32'], v6: [] },
};

/** The good container with other fields, as a text. */
function yml(changes: Record<string, unknown>): string {
  return psychJson({ ...GOOD, net_interfaces: [BRIDGE, ROUTED], ...changes } as Parameters<
    typeof psychJson
  >[0]);
}
const bridge = (changes: object): string => yml({ net_interfaces: [{ ...BRIDGE, ...changes }] });
const routed = (changes: object): string => yml({ net_interfaces: [{ ...ROUTED, ...changes }] });
const limit = (version: number, subsystem: string, name: string, value: unknown): object => ({
  ...{ version, subsystem, name, value },
});
const both = (subsystem: string, name: string, value: unknown): string =>
  yml({ cgparams: [limit(1, subsystem, name, value), limit(2, subsystem, name, value)] });

const GOOD_TEXTS: readonly string[] = [
  yml({}),
  containerYmlOf(convert('')),
  yml({ net_interfaces: [], hostname: null, dns_resolvers: null, autostart: null }),
  ...['7', '16.04', '1e3', '0x10', 'yes', '2016-01-01', '1_000', '10:20:30'].map((version) =>
    yml({ version }),
  ),
  ...['yes', '~', '2020-01-01', '1_000', '', ':sym', '*a', 'a\nb'].map((text) =>
    yml({ attrs: { 'a:b': text } }),
  ),
  yml({ init_cmd: ['/sbin/init', 'x=1'] }),
];

/** Each for a reason of its own. */
const BAD_TEXTS: readonly (readonly [string, RegExp])[] = [
  ['', /text: 0 documents/],
  ['[]', /text: expected a map/],
  ['{"a": "b"', /text: Psych::SyntaxError/],
  ['distribution: :debian', /text: Psych::DisallowedClass/],
  ['{"version": 2016-01-01}', /text: Psych::DisallowedClass.*Date/],
  ['a: &x []\nb: *x', /text: Psych::(BadAlias|AliasesNotEnabled)/],
  [`${yml({})}---\n{}\n`, /text: 2 documents/],
  [yml({}).replace('{', '{"nesting": false,'), /nesting: given twice/],
  [yml({ memory: 1 }), /memory: unknown key/],
  [yml({ state: 'staged' }), /state: must not be in an archive/],
  [yml({}).replace(/"version": "[^"]*"/, '"version": 7'), /version: expected a string, got 7/],
  [yml({}).replace(/"version": "[^"]*"/, '"version": 7.10'), /version: expected a string, got 7\.1/],
  [
    yml({}).replace(/"distribution": "[^"]*"/, '"distribution": no'),
    /distribution: expected a string, got false/,
  ],
  [yml({ arch: 'amd64' }), /arch: expected x86_64 or x86/],
  [yml({ hostname: '' }), /hostname: no first label/],
  [yml({ hostname: '.' }), /hostname: no first label/],
  [yml({ hostname: 'a\nb' }), /hostname: expected one word/],
  [yml({ dns_resolvers: [] }), /dns_resolvers: expected a list that is not empty/],
  [yml({ dns_resolvers: ['ns.example'] }), /dns_resolvers: expected an IP address/],
  [
    yml({ devices: [{ type: 'char', major: 10, minor: 200, mode: 'rwm' }] }),
    /devices: expected an empty list/,
  ],
  [yml({ init_cmd: '/sbin/init' }), /init_cmd: expected a list of strings/],
  [yml({ nesting: 'false' }), /nesting: expected true or false/],
  [yml({ prlimits: {} }), /prlimits\.nofile: absent/],
  [yml({ prlimits: { nofile: { soft: 0, hard: 1024 } } }), /prlimits\.nofile: expected numbers above 0/],
  [yml({ prlimits: { nofile: { soft: 1025, hard: 1024 } } }), /prlimits\.nofile: setrlimit/],
  [yml({ prlimits: { nofile: { soft: '1k', hard: 1024 } } }), /prlimits\.nofile: expected numbers/],
  [yml({ autostart: {} }), /autostart: expected priority and delay/],
  [yml({ autostart: { priority: '10', delay: 5 } }), /autostart\.priority: expected a number/],
  [yml({ attrs: { name: 'x' } }), /attrs\.name: expected vendor:name/],
  [yml({ attrs: { 'a:b': 1 } }), /attrs\.a:b: expected a string/],
  [yml({ net_interfaces: [BRIDGE, BRIDGE] }), /net_interfaces: names given twice/],
  [bridge({ type: 'venet' }), /type: expected bridge or routed/],
  [bridge({ name: 'eth0/1' }), /name: expected a name of at most 15 bytes/],
  [bridge({ name: 'eth0:1' }), /name: expected a name of at most 15 bytes/],
  [bridge({ name: 'a234567890123456' }), /name: expected a name of at most 15 bytes/],
  [bridge({ hwaddr: '00:16:3e' }), /hwaddr: expected a MAC address/],
  [bridge({ hwaddr: '01:16:3e:12:34:56' }), /hwaddr: no unicast address/],
  [bridge({ link: null }), /link: expected a name/],
  [bridge({ dhcp: null }), /dhcp: expected true or false/],
  [bridge({ dhcp: true }), /dhcp: addresses are ignored with dhcp/],
  [bridge({ gateways: { v4: 'auto' } }), /gateways: expected v4 and v6/],
  [bridge({ gateways: { v4: '2001:db8::1', v6: 'auto' } }), /gateways\.v4: expected an IP address/],
  [bridge({ ip_addresses: { v4: ['192.0.2.7'], v6: [] } }), /v4: expected ADDRESS\/PREFIX/],
  [bridge({ ip_addresses: { v4: ['192.0.2.7/33'], v6: [] } }), /v4: no prefix for this family/],
  [bridge({ ip_addresses: { v4: ['2001:db8::7/32'], v6: [] } }), /v4: expected an IP address/],
  [bridge({ ip_addresses: { v4: [], v6: [], v5: [] } }), /ip_addresses: expected v4 and v6/],
  [bridge({ enable: true }), /expected the keys/],
  [routed({ routes: { v4: ['192.0.2.8/24'], v6: [] } }), /routes\.v4: no network address/],
  [routed({ routes: { v4: [], v6: [] } }), /routes: no route to 192\.0\.2\.8/],
  [yml({ cgparams: [{ subsystem: 'pids', name: 'pids.max', value: [5] }] }), /expected version, subsystem/],
  [both('pids', 'pids.max', 100), /pids\.max: expected a list of one/],
  [both('pids', 'pids.max', [0]), /pids\.max: 0 is not what the kernel takes/],
  [both('pids', 'pids.max', ['100']), /pids\.max: "100" is not/],
  [yml({ cgparams: [limit(2, 'pids', 'pids.max', [5])] }), /pids\.max and pids\.max belong together/],
  [yml({ cgparams: [limit(2, 'memory', 'memory.max', [0])] }), /memory\.max: 0 is not/],
  [yml({ cgparams: [limit(1, 'memory', 'memory.max', [5])] }), /memory\.max: no such parameter/],
  [yml({ cgparams: [limit(2, 'cpu', 'cpu.max', [20000])] }), /cpu\.max: 20000 is not/],
  [yml({ cgparams: [limit(2, 'cpu', 'cpu.max', ['0 100000'])] }), /cpu\.max: "0 100000" is not/],
  [yml({ cgparams: [limit(1, 'cpu', 'cpu.cfs_quota_us', [5000])] }), /cfs_quota_us needs cpu\.cfs_period_us/],
  [
    yml({ cgparams: [...GOOD.cgparams].reverse() }),
    /memory\.memsw\.limit_in_bytes needs memory\.limit_in_bytes before it/,
  ],
  [
    yml({ cgparams: GOOD.cgparams.map((one) => (one.name === 'memory.max' ? { ...one, value: [5] } : one)) }),
    /memory differs between the versions/,
  ],
  [yml({ cgparams: [...GOOD.cgparams, ...GOOD.cgparams] }), /a parameter given twice/],
];

if (process.env[BAD_DOCUMENT] === '1') {
  test('a test that passes, in a file with a bad document', () => {
    const bad = convert('');
    checkedAtEnd({ ...bad, config: { ...bad.config, hostname: '' } as ContainerYml });
  });
} else {
  test('nothing is said of good documents', (t) => {
    if (needs(t, 'ruby')) assert.deepEqual(violationsOf(GOOD_TEXTS), []);
  });

  test('each bad document is found, for its reason', (t) => {
    if (!needs(t, 'ruby')) return;
    const found = violationsOf(BAD_TEXTS.map(([text]) => text)) ?? [];
    for (const [index, [text, reason]] of BAD_TEXTS.entries()) {
      const lines = found.filter((line) => line.startsWith(`${index}: `));
      assert.ok(
        lines.some((line) => reason.test(line)),
        `${reason}\n${lines.join('\n')}\n${text}`,
      );
    }
  });

  test('a bad document fails the test file that made it', (t) => {
    if (!needs(t, 'ruby')) return;
    // Of a test runner, it would wait for the events of one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const self = fileURLToPath(import.meta.url);
    const { status, stdout } = spawnSync(process.execPath, ['--test', self], {
      env: { ...env, [BAD_DOCUMENT]: '1' },
      encoding: 'utf8',
    });
    assert.equal(status, 1, stdout);
    assert.match(stdout, /osctld would stumble over 1 of \d+:\s+.*hostname: no first label/);
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VzConfig } from '../../lib/documents/documents.ts';
import { configOf, convert, convertChecked, factsOf, fatesOf } from './samples.ts';

const GIVEN = [
  ['DEVICES="c:10:200:rw"', ['tun']],
  ['DEVICES="c:10:229:rw c:108:0:rw c:10:232:rw c:10:200:rw"', ['tun', 'fuse', 'ppp', 'kvm']],
  ['DEVNODES="net/tun:rw fuse:rw "', ['tun', 'fuse']],
  ['DEVNODES="kvm:rw ppp:rw"', ['ppp', 'kvm']],
  // One each, however often it is named.
  ['DEVICES="c:10:200:rw c:10:200:rwq"\nDEVNODES="net/tun:rw"\nFEATURES="ppp:on"', ['tun', 'ppp']],
  ['FEATURES="ppp:on"\nDEVICES="c:108:0:rw"', ['ppp']],
  // The later entry counts, over both keys.
  ['DEVICES="c:10:200:rw c:10:200:none"', []],
  ['DEVICES="c:10:200:none c:10:200:rw"', ['tun']],
  ['DEVICES="c:10:200:rw"\nDEVNODES="net/tun:none"', []],
  ['DEVNODES="net/tun:none"\nDEVICES="c:10:200:rw"', ['tun']],
  ['DEVICES="c:10:200:q"', []],
  ['DEVICES="c:1:3:rw c:136:all:rw c:136:5:rw b:8:1:rwq c:10:all:rw b:10:200:rw"', []],
  ['DEVNODES="null:rw ../sda:rw __proto__:rw constructor:rw"', []],
] as const;

for (const [config, devices] of GIVEN) {
  test(`devices added for ${JSON.stringify(config)}`, () => {
    for (const facts of [null, factsOf()]) {
      assert.deepEqual(
        convert(config, {}, { facts }).followUps,
        devices.map((device) => ({ do: 'device', device })),
      );
    }
  });
}

const FATES: readonly (readonly [string, string, string, RegExp])[] = [
  ['c:1:3:rw c:1:5:rw c:136:all:rw', 'converted', 'info', /^null, zero, pts all: there anyway$/],
  ['c:10:200:rw c:1:8:rw', 'converted', 'info', /^tun: added by a follow-up; random: there anyway$/],
  ['c:10:200:r', 'approximated', 'minor', /all rights instead of r alone/],
  ['c:10:200:rwq', 'approximated', 'info', /without the quota right q/],
  ['b:8:1:rwq', 'dropped', 'critical', /osctl ct devices add -p 101 block 8 1 rwm gives it$/],
  ['b:8:1:r', 'dropped', 'critical', /block 8 1 rm gives it$/],
  ['b:8:all:rw', 'dropped', 'critical', /^block 8:all: not given, and should not be/],
  ['c:4:64:rw', 'dropped', 'major', /^char 4:64: .* char 4 64 rwm/],
  ['c:1:3:none', 'dropped', 'minor', /^null: every container has it/],
  ['c:10:200:none', 'dropped', 'info', /^tun: denied, and not there anyway$/],
  ['b:8:1:none', 'dropped', 'info', /not there anyway/],
  ['b:8:1:q', 'dropped', 'minor', /only the quota right/],
  // The worst part decides, and comes first; all parts are named.
  ['c:10:200:rw c:4:64:rw b:8:1:rw', 'dropped', 'critical', /^block 8:1: .*; char 4:64: .*; tun: added/],
  ['c:10:200:rw c:1:3:none', 'dropped', 'minor', /^null: .*; tun: added/],
  ['c:10:200:rw c:10:229:none', 'converted', 'info', /^tun: added.*; fuse: denied/],
];

for (const [value, fate, severity, words] of FATES) {
  test(`DEVICES ${value} is ${fate}, ${severity}`, () => {
    const { consumed, ignored } = convert(`DEVICES="${value}"`).report;
    const items = [...consumed, ...ignored];
    assert.deepEqual(
      items.map((item) => [item.fate, item.severity]),
      [[fate, severity]],
    );
    assert.match(consumed[0]?.became ?? ignored[0]?.reason ?? '', words);
  });
}

test("DEVNODES go by the source node's numbers before the name", () => {
  const deviceNumbers = {
    sdb: { type: 'block' as const, major: 8, minor: 16 },
    'net/tun': { type: 'char' as const, major: 10, minor: 77 },
    video0: { type: 'char' as const, major: 10, minor: 229 },
  };
  const container = convert(
    'DEVNODES="sdb:rw net/tun:rw video0:rw"',
    { id: 'web' },
    {
      facts: factsOf({ deviceNumbers }),
    },
  );
  assert.deepEqual(container.followUps, [{ do: 'device', device: 'fuse' }]);
  const [fate = ''] = fatesOf(container, 'DEVNODES');
  assert.match(
    fate,
    /^\/dev\/sdb: .* -p web block 8 16 rwm \/dev\/sdb .*\/dev\/net\/tun: .*fuse: added by a follow-up$/,
  );
});

test('a node whose numbers nobody knows has to be looked at', () => {
  const [item] = convert('DEVNODES="sdb:rw"').report.ignored;
  assert.equal(item?.severity, 'major');
  assert.match(item?.reason ?? '', /^\/dev\/sdb: not given, its numbers are not known/);
});

test('no text of a document gets into a command', () => {
  const [item] = configOf('DEVICES="b:8:1:rw"').items;
  assert.ok(item);
  const devices = [{ type: 'block' as const, major: 8, minor: 1, mode: 'rw; reboot' }];
  const config: VzConfig = { ...configOf(''), items: [{ ...item, value: { type: 'devices', devices } }] };
  const container = convertChecked(config);
  assert.match(fatesOf(container, 'DEVICES')[0] ?? '', /block 8 1 rwm gives it$/);
});

test('a device of DEVNODES keeps its name in the line that gives it, as osctld makes no node without', () => {
  const numbers = { type: 'char', major: 81, minor: 0 } as const;
  const deviceNumbers = { 'v4l/video0': numbers, 'a b;c': { ...numbers, minor: 1 } };
  const { ignored } = convert('DEVNODES="v4l/video0:rw"', {}, { facts: factsOf({ deviceNumbers }) }).report;
  assert.match(
    ignored[0]?.reason ?? '',
    /^\/dev\/v4l\/video0: .* add -p 101 char 81 0 rwm \/dev\/video0 gives it$/,
  );
  const hostile = convert('', {}, { facts: factsOf({ deviceNumbers }) });
  assert.deepEqual(hostile.followUps, []);
  const config = configOf('DEVNODES="x:rw"', { facts: factsOf({ deviceNumbers }) });
  const [item] = config.items;
  assert.ok(item);
  const nodes = [{ name: 'a b;c', mode: 'rw' }];
  const odd = convertChecked({ ...config, items: [{ ...item, value: { type: 'devnodes', nodes } }] });
  assert.match(odd.report.ignored[0]?.reason ?? '', /char 81 1 rwm gives it$/);
});

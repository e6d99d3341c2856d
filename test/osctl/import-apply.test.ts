import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPipe, type VpsAdminOsNode } from '../support/nodes.ts';
import { changedMembers, containerDocument, makeArchive } from './archives.ts';
import { assertNothingElse, setUp, withDocument } from './import-node.ts';

test('without --apply nothing is done, and the printed lines, pasted on the node, do it', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const result = await run('', withDocument({ followUps: BOTH }));
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(JSON.parse(result.stdout).followUps, [
    { do: 'device', done: false, command: ADD_TUN, error: null },
    { do: 'refquota', done: false, command: SET_QUOTA, error: null },
  ]);
  assert.match(
    result.stderr,
    /root@node: left to do for tank:101, by hand as root there \(--apply does it\):$/m,
  );
  assert.deepEqual(await stateOf(node), UNTOUCHED);
  const lines = linesAfter(result.stderr, /left to do/);
  assert.deepEqual(lines, [ADD_TUN, SET_QUOTA]);
  // Asked for once more, when the container is there.
  const later = await run('-n', withDocument({ followUps: BOTH }));
  assert.equal(later.code, 78);
  assert.deepEqual(linesAfter(later.stderr, /after the import/), lines);
  const pasted = await runPipe('ssh root@node sh -ex', { env: node.env, input: lines.join('\n') });
  assert.equal(pasted.code, 0, pasted.stderr);
  assert.deepEqual(await stateOf(node), APPLIED);
  // Quiet: in the report only.
  const quiet = await run('-q --as-id 102', withDocument({ followUps: BOTH }));
  assert.deepEqual([quiet.code, quiet.stderr], [0, '']);
  assert.equal(JSON.parse(quiet.stdout).followUps[1].command, SET_QUOTA.replace('ct/101', 'ct/102'));
});

test('--apply does them, the devices first, whatever their order; what is there already is done', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const result = await run('--apply', withDocument({ followUps: BOTH }));
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(JSON.parse(result.stdout).followUps, [
    { do: 'device', done: true, command: ADD_TUN, error: null },
    { do: 'refquota', done: true, command: SET_QUOTA, error: null },
  ]);
  assert.doesNotMatch(result.stderr, /left to do/);
  assert.deepEqual(await stateOf(node), APPLIED);
  // Once more: the quota is set again, and of the device osctld says that it exists already.
  const onceMore = await runPipe(`ssh root@node "${SET_QUOTA}; ${ADD_TUN}"`, { env: node.env });
  assert.equal(onceMore.stderr, 'error: device already exists\n');
  assert.deepEqual(await stateOf(node), APPLIED);
});

test('--apply: a device that the group hands down is there already, which is no failure', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const tun = { type: 'char', major: '10', minor: '200', mode: 'rwm', name: '/dev/net/tun', inherit: true };
  writeFileSync(join(node.dir, 'tank/conf/group/%default.yml'), JSON.stringify({ devices: [tun] }));
  const result = await run('--apply', withDocument({ followUps: [TUN] }));
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(JSON.parse(result.stdout).followUps, [
    { do: 'device', done: true, command: ADD_TUN, error: null },
  ]);
  assert.match(node.daemonLog(), /device already exists/);
});

test('a quota below what the container holds: the rest is done, and what to do is said', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const small = [{ do: 'refquota', bytes: '1' } as const, TUN];
  const result = await run('--apply', withDocument({ followUps: small }));
  assert.equal(result.code, 69, result.stderr);
  const { followUps, state } = JSON.parse(result.stdout);
  const why =
    "exited with 1: cannot set property for 'tank/ct/101': size is less than current used or reserved space";
  assert.equal(state, 'stopped');
  assert.deepEqual(followUps, [
    { do: 'device', done: true, command: ADD_TUN, error: null },
    { do: 'refquota', done: false, command: "zfs set 'refquota=1' tank/ct/101", error: why },
  ]);
  assert.match(
    result.stderr,
    /root@node: tank:101 is imported, but zfs set 'refquota=1' tank\/ct\/101: exited with 1: .* space; the container holds more than that: free space/,
  );
  assert.deepEqual(await stateOf(node), { ...APPLIED, refquota: '0' });
});

test('-n lists them, from a document or an archive, and does nothing', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const document = `${JSON.stringify(containerDocument({ followUps: BOTH }))}\n`;
  for (const [args, input, title] of [
    ['-n', document, /after the import of tank:101, run there as root, or import with --apply:$/m],
    [
      '-n --apply',
      withDocument({ followUps: BOTH }),
      /after the import of tank:101, with --apply these will run there:$/m,
    ],
  ] as const) {
    const result = await run(args, input);
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(JSON.parse(result.stdout).followUps, [
      { do: 'device', done: false, command: ADD_TUN, error: null },
      { do: 'refquota', done: false, command: SET_QUOTA, error: null },
    ]);
    assert.deepEqual(linesAfter(result.stderr, title), [ADD_TUN, SET_QUOTA]);
  }
  assertNothingElse(node);
});

test('follow-ups that are not of the closed list are refused, and nothing is imported', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  for (const followUp of [
    { do: 'run', command: 'reboot' },
    { do: 'device', device: 'sda' },
    { do: 'device', device: 'tun', major: 8 },
    { do: 'device', device: 'constructor' },
    { do: 'refquota', bytes: '10G; reboot' },
    { do: 'refquota', bytes: '10737418240\n' },
    { do: 'refquota', bytes: 10737418240 },
    { do: 'refquota', bytes: '0' },
    { do: 'refquota', bytes: '1', dataset: 'tank' },
  ]) {
    const document = JSON.stringify({ ...containerDocument(), followUps: [followUp] });
    for (const [args, input] of [
      ['--apply', makeArchive(changedMembers({ 'container.json': document }))],
      ['-n', `${document}\n`],
    ] as const) {
      const result = await run(args, input);
      assert.deepEqual([result.code, result.stdout], [65, ''], JSON.stringify(followUp));
      assert.match(result.stderr, /followUps/);
    }
  }
  assertNothingElse(node);
});

/** What the node says of container 101. */
async function stateOf(node: VpsAdminOsNode): Promise<object> {
  const devices: { inherited: boolean; name: string | null; mode: string }[] = JSON.parse(
    node.osctl(['-j', 'ct', 'devices', 'ls', '101']).stdout,
  );
  const quota = await runPipe('zfs get -Hp -o value refquota tank/ct/101', { env: node.nodeEnv });
  return {
    devices: devices.filter(({ inherited }) => !inherited).map(({ name, mode }) => `${name} ${mode}`),
    refquota: quota.stdout.trimEnd(),
  };
}

function linesAfter(stderr: string, title: RegExp): string[] {
  const lines = stderr.trimEnd().split('\n');
  return lines.slice(lines.findIndex((line) => title.test(line)) + 1);
}

const TUN = { do: 'device', device: 'tun' } as const;
/** As they do not run: the quota comes last. */
const BOTH = [{ do: 'refquota', bytes: '10737418240' } as const, TUN];
const ADD_TUN = 'osctl ct devices add -p tank:101 char 10 200 rwm /dev/net/tun';
const SET_QUOTA = "zfs set 'refquota=10737418240' tank/ct/101";
const UNTOUCHED = { devices: [], refquota: '0' };
const APPLIED = { devices: ['/dev/net/tun rwm'], refquota: '10737418240' };

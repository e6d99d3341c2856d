import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FEATURE_DEVICES, FollowUp } from '../../lib/documents/follow-up.ts';
import { VzError } from '../../lib/errors.ts';
import type { Exit, Host, HostProcess } from '../../lib/host/host.ts';
import { localHost } from '../../lib/host/local.ts';
import { applyFollowUps, planFollowUps } from '../../lib/osctl/follow-ups.ts';
import { recogniseOsctlError } from '../../lib/osctl/osctl-errors.ts';
import { recogniseZfsError } from '../../lib/osctl/zfs-errors.ts';

const IMPORTED = { ct: 'tank:101', dataset: 'tank/ct/101' };
const quota = (bytes: string): FollowUp => ({ do: 'refquota', bytes });
const device = (name: keyof typeof FEATURE_DEVICES): FollowUp => ({ do: 'device', device: name });
const plan = (followUps: FollowUp[]): string[] =>
  planFollowUps(followUps, IMPORTED, 'node').map(({ argv }) => argv.join(' '));

test('devices come first, each once; of two quotas the last one counts', () => {
  assert.deepEqual(plan([]), []);
  assert.deepEqual(plan([quota('5'), device('tun'), quota('7'), device('fuse'), device('tun')]), [
    'osctl ct devices add -p tank:101 char 10 200 rwm /dev/net/tun',
    'osctl ct devices add -p tank:101 char 10 229 rwm /dev/fuse',
    'zfs set refquota=7 tank/ct/101',
  ]);
  assert.deepEqual(plan([device('ppp'), device('kvm')]), [
    'osctl ct devices add -p tank:101 char 108 0 rwm /dev/ppp',
    'osctl ct devices add -p tank:101 char 10 232 rwm /dev/kvm',
  ]);
});

test('what the node names is looked at before it becomes a word of a command', () => {
  for (const imported of [
    { ...IMPORTED, ct: '101' },
    { ...IMPORTED, ct: '-p:101' },
    { ...IMPORTED, ct: 'tank:-f' },
    { ...IMPORTED, ct: 'tank:101; reboot' },
    { ...IMPORTED, ct: 'tank:101\n' },
    { ...IMPORTED, ct: `tank:${'1'.repeat(101)}` },
    { ...IMPORTED, dataset: '-r' },
    { ...IMPORTED, dataset: '' },
    { ...IMPORTED, dataset: 'tank/ct/101 tank' },
    { ...IMPORTED, dataset: 'tank/ct/101@snapshot' },
  ]) {
    assert.throws(
      () => planFollowUps([quota('5')], imported, 'root@node: tank:101 is imported'),
      (error) =>
        error instanceof VzError &&
        error.exit === 69 &&
        /^root@node: tank:101 is imported: the node names a /.test(error.message),
      JSON.stringify(imported),
    );
    // Without follow-ups the names are not used.
    assert.deepEqual(planFollowUps([], imported, 'node'), []);
  }
});

test('a failure does not keep the next one from being tried', async () => {
  const answers: Exit[] = [
    failed('error: device already exists\n'),
    failed('error: container tank:101 is held by ct_start\n'),
    failed("cannot open 'tank/ct/101': dataset does not exist\n"),
  ];
  const asked: string[] = [];
  const steps = planFollowUps([device('tun'), device('fuse'), quota('5')], IMPORTED, 'node');
  const results = await applyFollowUps(answering(answers, asked), steps, IMPORTED);
  assert.equal(asked.length, 3);
  assert.deepEqual(
    results.map(({ done, error }) => [done, error?.hint]),
    [
      [true, undefined],
      [false, 'repeat it when that has ended'],
      [false, 'run it there as root'],
    ],
  );
  assert.match(
    results[2]?.error?.line ?? '',
    /^node: tank:101 is imported, but zfs set 'refquota=5' tank\/ct\/101: exited with 1: cannot open .*; run it there as root$/,
  );
});

test('a program that is not there is a failure like others', async () => {
  const steps = [{ do: 'refquota' as const, argv: ['/nowhere/zfs', 'set', 'refquota=5', 'tank/ct/101'] }];
  const [result] = await applyFollowUps(localHost, steps, IMPORTED);
  assert.deepEqual([result?.done, result?.error?.exit], [false, 69]);
});

test('answers are recognised from their first word on', () => {
  assert.equal(recogniseOsctlError('error: device already exists\n')?.code, 'DEVICE_EXISTS');
  for (const stderr of [
    'error: internal error: device already exists\n',
    "error: device 'device already exists' not available in group 'tank:/default'\n",
    'device already exists\n',
  ]) {
    assert.notEqual(recogniseOsctlError(stderr)?.code, 'DEVICE_EXISTS', stderr);
  }
  const below = "cannot set property for 'tank/ct/101': size is less than current used or reserved space\n";
  assert.equal(recogniseZfsError(below)?.code, 'QUOTA_BELOW_USED');
  for (const stderr of ['', "cannot set property for 'x': numeric value is too large\n", below.slice(7)]) {
    assert.equal(recogniseZfsError(stderr), null, stderr);
  }
});

function failed(stderr: string): Exit {
  return { code: 1, signal: null, stderr };
}

/** A host on which each command ends with the next of these answers. */
function answering(answers: Exit[], asked: string[]): Host {
  const spawn = (argv: readonly string[]): HostProcess => {
    asked.push(argv.join(' '));
    const { stderr } = answers.shift() ?? failed('');
    return localHost.spawn(['sh', '-c', 'printf %s "$1" >&2; exit 1', 'sh', stderr]);
  };
  return { ...localHost, label: 'node', spawn };
}

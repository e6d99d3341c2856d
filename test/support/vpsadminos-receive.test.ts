import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandResult, VpsAdminOsNode } from './nodes.ts';
import { type Receiver, receive, received, showContainer, stage, startReceiver } from './receiver.ts';

test('the older protocol: staged, received unmounted, transferred', (t) => {
  const receiver = startReceiver(t);
  if (!receiver) return;
  const { node } = receiver;
  const attributes = { 'org.example:source': 'vz6' };
  const token = stage(t, node, { config: { attrs: attributes } });
  assert.deepEqual(stateOf(node), 'staged');
  assert.equal(showContainer(node)?.['org.example:source'], 'vz6');
  assert.equal(node.osctl(['ct', 'start', '101']).stderr, 'error: start not available\n');
  sendBoth(receiver, token, { snapshots: true });
  assert.equal(zfs(node, 'get -H -r -o value mounted tank/ct/101'), 'no\nno\n');
  node.restart();
  assert.equal(stateOf(node), 'staged', 'the log survives');
  // The probe that changes nothing.
  fails(receive(node, `incremental ${token} /`), 'unable to receive stream, zfs recv exited with 1');
  succeeds(receive(node, `transfer ${token}`));
  assert.equal(stateOf(node), 'stopped');
  assert.deepEqual(received(receiver), []);
  for (const step of ['transfer', 'cancel', 'base', 'incremental'])
    fails(receive(node, `${step} ${token} /`), 'container not found');
  assert.equal(node.osctl(['-q', 'ct', 'start', '101']).stderr, '');
  assert.equal(readFileSync(join(node.dir, 'tank/ct/101/private/state'), 'utf8'), 'at the stop\n');
  assert.deepEqual(
    node.log().map(({ verb, what }) => `${verb} ${what}`),
    [
      ...['skel begin', 'skel end 0', 'base begin', 'base end 0', 'base begin', 'base end 0'],
      ...['incremental begin', 'incremental end 0', 'incremental begin', 'incremental end 0'],
      ...['incremental begin', 'incremental end 1', 'transfer begin', 'transfer end 0'],
      ...['start begin', 'start end 0'],
    ],
  );
});

test('the newer protocol: versions, true statuses, cleanup', (t) => {
  const receiver = startReceiver(t);
  if (!receiver) return;
  const { node } = receiver;
  fails(receive(node, '2 skel -', { input: 'unread' }), USAGE);
  node.set('newer', '');
  for (const given of ['1', 'skel'])
    fails(receive(node, `${given} -`), `unsupported send/receive protocol version ${given}, expected 2`);
  const token = stage(t, node, { version: '2' });
  assert.equal(showContainer(node)?.['map_mode'], 'zfs');
  sendBoth(receiver, token, { version: '2 ', snapshots: true });
  fails(receive(node, `2 cleanup ${token}`), 'invalid send sequence');
  node.set('newer', '3');
  fails(receive(node, `3 base ${token} /`), 'send/receive protocol version mismatch, request=3 log=2');
  node.set('newer', '');
  node.set('start-fails', '1');
  fails(receive(node, `2 transfer ${token} start`), 'container failed to start');
  assert.equal(stateOf(node), 'staged');
  succeeds(receive(node, `2 transfer ${token} start`));
  assert.equal(stateOf(node), 'running');
  assert.equal(received(receiver).length, 4, 'kept until cleanup');
  fails(receive(node, `2 base ${token} /`), 'this container is not staged');
  zfs(node, 'destroy tank/ct/101@s1');
  node.set('fail-at', 'cleanup');
  fails(receive(node, `2 cleanup ${token}`), 'internal error');
  node.set('fail-at', null);
  succeeds(receive(node, `2 cleanup ${token}`));
  assert.deepEqual(received(receiver), []);
  fails(receive(node, `2 cleanup ${token}`), 'container not found');
  const second = stage(t, node, { version: '2', metadata: { container: '102', datasets: [] } });
  node.set('fail-at', 'del');
  fails(receive(node, `2 cancel ${second}`), 'internal error');
  node.set('fail-at', null);
  succeeds(receive(node, `2 cancel ${second}`));
  assert.equal(showContainer(node, '102'), undefined);
});

test('the older hook takes the first line of an answer for success', async (t) => {
  const receiver = startReceiver(t);
  if (!receiver) return;
  const { node } = receiver;
  const token = stage(t, node);
  sendBoth(receiver, token, { snapshots: true });
  node.set('start-fails', '1');
  node.set('start-seconds', '1');
  succeeds(receive(node, `transfer ${token} start`));
  assert.ok(!node.log().some(({ verb, what }) => verb === 'start' && what.startsWith('end')), 'too early');
  await until(() => node.log().at(-1)?.verb === 'transfer');
  assert.deepEqual(
    node
      .log()
      .slice(-2)
      .map(({ verb, what }) => `${verb} ${what}`),
    ['start end 1', 'transfer end 1'],
  );
  assert.equal(stateOf(node), 'stopped');
  assert.equal(received(receiver).length, 4);
  fails(receive(node, `transfer ${token}`), 'this container is not staged');

  const second = stage(t, node, { metadata: { container: '102' } });
  node.set('fail-at', 'del');
  fails(receive(node, `cancel ${second}`), 'internal error');
  node.set('fail-at', null);
  succeeds(receive(node, `cancel ${second}`));
  await until(() => showContainer(node, '102') === undefined);
  const third = stage(t, node, { metadata: { container: '103' } });
  zfs(node, 'set canmount=off tank/ct/103');
  fails(
    receive(node, `transfer ${third} start`),
    "failed to mount dataset: cannot mount 'tank/ct/103': 'canmount' property is set to 'off'",
  );
  assert.equal(stateOf(node, '103'), 'stopped');
});

test('an answer is lost before, after, or with the daemon', (t) => {
  const receiver = startReceiver(t);
  if (!receiver) return;
  const { node, streams } = receiver;
  const token = stage(t, node, { metadata: { datasets: [] } });
  const base = { input: streams['rootfs/base.dat'] ?? '' };
  node.set('lose', 'before base');
  assert.equal(receive(node, `base ${token} / s1`, base).code, 255);
  assert.deepEqual(received(receiver), []);
  node.set('lose', 'after base');
  assert.equal(receive(node, `base ${token} / s1`, base).code, 255);
  assert.deepEqual(received(receiver), ['ct/101@s1']);
  assert.ok(!existsSync(join(node.dir, 'lose')), 'it counts once');
  fails(receive(node, `base ${token} / s1`, base), 'unable to receive stream, zfs recv exited with 1');
  node.set('osctld-down', '');
  assert.match(receive(node, `transfer ${token}`).stderr, /\(Errno::ENOENT\)$/m);
  node.set('osctld-down', null);
  node.set('lose', 'eof transfer');
  const lost = receive(node, `transfer ${token}`);
  assert.deepEqual([lost.code, /\(EOFError\)$/m.test(lost.stderr)], [1, true]);
  assert.equal(stateOf(node), 'stopped');
  fails(receive(node, `transfer ${token}`), 'container not found');
});

test('a snapshot that is not there makes transfer and cancel stop half-way', (t) => {
  const receiver = startReceiver(t);
  if (!receiver) return;
  const { node, streams } = receiver;
  for (const [id, end, state] of [
    ['101', 'transfer', 'stopped'],
    ['102', 'cancel', 'staged'],
  ] as const) {
    const token = stage(t, node, { metadata: { container: id } });
    const input = streams['rootfs/base.dat'] ?? '';
    succeeds(receive(node, `base ${token} / nope`, { input }));
    fails(receive(node, `base ${token} lib`, { input }), 'dataset does not exist');
    fails(receive(node, `${end} ${token}`), 'internal error');
    assert.equal(stateOf(node, id), state);
    fails(
      receive(node, `${end} ${token}`),
      end === 'cancel' ? 'internal error' : 'this container is not staged',
    );
    assert.equal(node.osctl(['-q', 'ct', 'del', id]).stderr, '');
  }
});

const USAGE = /^Usage:\n {2}receive skel \[pool\|- \[passphrase\]\]\n.*receive cancel <token>\n$/s;

function succeeds(result: CommandResult): void {
  assert.deepEqual([result.code, result.stdout, result.stderr], [0, '', '']);
}

/** `text` is what comes after `Error: `, or all. */
function fails(result: CommandResult, text: string | RegExp): void {
  assert.deepEqual([result.code, result.stdout], [1, '']);
  if (typeof text === 'string') assert.equal(result.stderr, `Error: ${text}\n`);
  else assert.match(result.stderr, text);
}

/** Both streams of both datasets. */
function sendBoth(
  { node, streams }: Receiver,
  token: string,
  { version = '', snapshots = false } = {},
): void {
  for (const step of ['base', 'incremental']) {
    for (const [name, member] of [
      ['/', `rootfs/${step}.dat`],
      ['var', `rootfs/var/${step}.dat`],
    ] as const) {
      const snapshot = snapshots ? (step === 'base' ? 's1' : 's2') : '';
      succeeds(
        receive(node, `${version}${step} ${token} ${name} ${snapshot}`, { input: streams[member] ?? '' }),
      );
    }
  }
}

const stateOf = (node: VpsAdminOsNode, id = '101'): unknown => showContainer(node, id)?.['state'];

function zfs(node: VpsAdminOsNode, words: string): string {
  return execFileSync('zfs', words.split(' '), { env: node.nodeEnv, encoding: 'utf8', stdio: 'pipe' });
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    assert.ok(tries < 100);
    await sleep(100);
  }
}

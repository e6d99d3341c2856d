import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SshTarget } from '../../../lib/documents/source.ts';
import type { Host } from '../../../lib/host/host.ts';
import { openHost } from '../../../lib/host/open.ts';
import type { Run } from '../../../lib/migrate/run.ts';
import { rollback } from '../../../lib/migrate/steps/rollback.ts';
import { stage } from '../../../lib/migrate/steps/stage.ts';
import { sync } from '../../../lib/migrate/steps/sync.ts';
import { transfer } from '../../../lib/migrate/steps/transfer.ts';
import { NO_TIMES } from '../../../lib/migrate/transfer/times.ts';
import { fails } from '../../support/moving.ts';
import { showContainer } from '../../support/receiver.ts';
import { type Moving, startMoving } from '../files/setup.ts';
import { OPTIONS } from '../plan/setup.ts';

const AT = '2026-01-01T00:00:00Z';
const THREE =
  /look first: ssh root@node osctl ct show tank:101; on root@vz6: vzctl status 101; vz-migrate-step status root@vz6:101/;

test('a node that nobody can ask behind the point of no return: 76 where the container may run there, else 75', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, source, journal, target } = moving;
  await stage(run);
  await sync(run);
  const gone = withRoot(run, nowhere());
  source.vzctl('stop', '101');
  const before = { ...journal.document.source, wasRunning: true, onboot: 'yes', disabled: 'no' } as const;
  source.vzctl('set', '101', '--disabled', 'yes', '--save');
  const events = source.log().length;

  await journal.save({
    step: 'switching',
    source: before,
    transfer: { ...NO_TIMES, committingAt: AT, startingAt: AT },
  });
  await assert.rejects(transfer(gone, OPTIONS), fails(76, 'OUTCOME_UNKNOWN', THREE));
  for (const step of ['switching', 'returning'] as const) {
    await journal.save({ step });
    await assert.rejects(
      rollback(gone, { ...OPTIONS, dropChanges: true }),
      fails(76, 'OUTCOME_UNKNOWN', THREE),
    );
  }
  await journal.save({ step: 'switching', transfer: { ...NO_TIMES, committingAt: AT } });
  for (const again of [transfer, rollback])
    await assert.rejects(
      again(gone, OPTIONS),
      fails(75, 'NOT_ASKED', /was not started on the new node: .*[Cc]onnect/),
    );
  await journal.save({ step: 'transferred' });
  for (const one of [gone, { ...run, source: nowhere() }])
    await assert.rejects(
      rollback(one, { ...OPTIONS, dropChanges: true }),
      fails(75, 'NOT_ASKED', /nothing was done: /),
    );
  assert.equal(source.log().length, events, 'neither side is touched');
  assert.equal(showContainer(target)?.['state'], 'stopped');

  // Nothing was done there at all, so nobody has to be asked, and nothing can be lost.
  await journal.save({ step: 'switching', transfer: NO_TIMES });
  await rollback(gone, OPTIONS);
  assert.equal(journal.document.step, 'synced');
  assert.match(source.status(), / running$/);
  await transfer(run, OPTIONS);
  assert.equal(showContainer(target)?.['state'], 'running');
});

test('a node that goes away before anything was done on it: the source runs again at once', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, source, journal, target } = moving;
  await stage(run);
  assert.ok(run.root);
  let host: Host = run.root;
  journal.onNote = (note) => {
    if (note === 'end vzctl set 101 --disabled yes --save') host = nowhere();
  };
  const going = withRoot(run, { ...run.root, spawn: (argv, options) => host.spawn(argv, options) });
  await assert.rejects(
    transfer(going, OPTIONS),
    fails(75, 'WENT_BACK', /runs on the old one again: nothing was done on the new node/),
  );
  assert.match(source.status(), / running$/);
  assert.equal(journal.document.step, 'synced');
  assert.notEqual(target.osctl(['ct', 'start', '101']).code, 0);
  await transfer(run, OPTIONS);
  assert.equal(showContainer(target)?.['state'], 'running');
});

test('rollback asks for what has changed only where the new container may have run', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, source, journal, target } = moving;
  await stage(run);
  dieAt(moving, 'begin osctl ct start');
  await assert.rejects(transfer(run, OPTIONS), /died/);
  dieAt(moving, '');
  assert.ok(journal.document.transfer?.startingAt);
  await assert.rejects(rollback(run, OPTIONS), fails(78, 'CHANGES'));
  await journal.save({ transfer: { ...NO_TIMES, committingAt: AT } });
  // Somebody has started it by hand.
  assert.equal(target.osctl(['ct', 'start', '101']).code, 0);
  await assert.rejects(rollback(run, OPTIONS), fails(78, 'CHANGES'));
  target.osctl(['ct', 'stop', '101']);
  await rollback(run, OPTIONS);
  assert.equal(journal.document.step, 'returned');
  assert.match(source.status(), / running$/);
  assert.notEqual(target.osctl(['ct', 'start', '101']).code, 0);
});

function dieAt({ journal }: Moving, note: string): void {
  journal.onNote = (one) => {
    if (one === note) throw new Error('died');
  };
}

/** Nobody listens there. */
function nowhere(): Host {
  const target: SshTarget = {
    ...{ client: 'openssh', user: 'root', name: '127.0.0.1', port: 1, identity: null, legacy: false },
    options: [],
  };
  return openHost(target, assert.fail);
}

function withRoot(run: Run, root: Host): Run {
  return { ...run, root, streams: { ...run.streams, root } };
}

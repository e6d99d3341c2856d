import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SshTarget } from '../../../lib/documents/source.ts';
import type { Host } from '../../../lib/host/host.ts';
import { openHost } from '../../../lib/host/open.ts';
import type { Run } from '../../../lib/migrate/run.ts';
import { stage } from '../../../lib/migrate/steps/stage.ts';
import { transfer } from '../../../lib/migrate/steps/transfer.ts';
import { fails } from '../../support/moving.ts';
import { showContainer } from '../../support/receiver.ts';
import { startMoving } from '../files/setup.ts';
import { OPTIONS } from '../plan/setup.ts';

test('a node that goes away before anything was done on it: the source runs again at once', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, source, journal, target } = moving;
  await stage(run);
  assert.ok(run.root);
  let host: Host = run.root;
  journal.onNote = (note) => {
    if (note === 'end let the guard go') host = nowhere();
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

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RUNNING } from '../support/exports.ts';
import { endSilently, runsSoon } from '../support/remote-node/broken-links.ts';
import { heldExport } from '../support/remote-node/held-exports.ts';

test('a link that goes silent ends the program as well, once ssh has given up', async (t) => {
  const found = await heldExport(t, 'simfs', 'down');
  if (!found) return;
  const { node, remote, program, asBefore } = found;
  remote.link.silence();
  program.child.stdout.resume();
  assert.equal(await program.exit, 69);
  assert.match(program.said(), /no sign of life from the guard on the node; where it still lives, it starts/);
  assert.match(program.said(), /nothing is heard of its guard, which starts the container where it lives/);
  assert.equal(node.status(), RUNNING);
  await asBefore();
});

test('a tar that nobody reads any more does not keep a ploop image from being mounted anew', async (t) => {
  const found = await heldExport(t, 'ploop', 'flowing', { flags: ['--no-ploop-snapshot'] });
  if (!found) return;
  assert.match(found.node.status('102'), / mounted down$/);
  found.remote.link.silence();
  await runsSoon(found);
  await endSilently(found);
  await found.asBefore();
});

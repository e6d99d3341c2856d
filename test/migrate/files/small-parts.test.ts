import assert from 'node:assert/strict';
import { test } from 'node:test';
import { walkTime } from '../../../lib/migrate/files/prediction.ts';
import { rateLimit } from '../../../lib/migrate/files/rate-limit.ts';
import { rsyncCommands } from '../../../lib/migrate/files/rsync-command.ts';

const at = '2026-01-01T00:00:00Z';

test('the time of a walk is what the best rate so far leaves of a pass', () => {
  const tar = { at, how: 'tar', ms: 1000, walkMs: 0, bytes: '1000000' } as const;
  assert.equal(walkTime([], tar), 0);
  assert.equal(walkTime([tar], { ms: 500, bytes: '100000' }), 400);
  assert.equal(walkTime([tar], { ms: 500, bytes: '0' }), 500);
  assert.equal(walkTime([tar], { ms: 500, bytes: '900000' }), 0);
  assert.equal(walkTime([], { ms: 0, bytes: '0' }), 0);
});

test('a rate limit lets so much pass in a second, and makes up for no pause', async () => {
  const { signal } = new AbortController();
  const limit = rateLimit(1_000_000);
  const startedMs = performance.now();
  for (let chunks = 0; chunks < 6; chunks += 1) await limit(50_000, signal);
  const firstMs = performance.now() - startedMs;
  assert.ok(firstMs >= 290 && firstMs < 600, `${firstMs} ms`);
  await new Promise((wake) => setTimeout(wake, 200));
  const againMs = performance.now();
  await limit(100_000, signal);
  assert.ok(performance.now() - againMs >= 90);
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 20);
  await assert.rejects(rateLimit(1)(1000, abort.signal), { name: 'AbortError' });
  await rateLimit(undefined)(1e12, signal);
});

test('the sender is told what its client understands, and ACLs go where both know them', () => {
  const words = (client: readonly [number, number], acls: boolean): string | undefined =>
    rsyncCommands({
      client: { version: client, acls: true },
      sender: { version: [3, 0], acls },
      path: '/vz/private/101',
      excludes: ['./.zfs'],
    }).sender[3];
  assert.equal(words([3, 0], true), '-lHogDtpAXrxSe.iL');
  assert.equal(words([3, 1], true), '-lHogDtpAXrxSe.iLsf');
  assert.equal(words([3, 4], false), '-lHogDtpXrxSe.iLsfxCIv');
  assert.equal(words([4, 0], false), '-lHogDtpXrxSe.iLsfxCIv');
});

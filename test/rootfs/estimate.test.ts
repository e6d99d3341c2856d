import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '../../lib/cli/log.ts';
import { localHost } from '../../lib/host/local.ts';
import { announceDowntime, estimateDowntime, snapshotDowntime } from '../../lib/rootfs/estimate.ts';

function announce(downtimeMs: number, maxDowntimeMs?: number): string {
  const said: string[] = [];
  const log = { info: (line: string) => said.push(line) } as unknown as Log;
  announceDowntime({ downtimeMs, text: 'a while' }, { maxDowntimeMs, where: 'ct 101', log });
  return said.join('\n');
}

test('a long downtime is said with what avoids it, a short one without', () => {
  assert.equal(announce(20_000), 'ct 101: will be stopped for a while');
  assert.equal(
    announce(3_600_000),
    'ct 101: will be stopped for a while; --no-consistent packs it while it runs',
  );
});

test('more than promised is refused', () => {
  assert.match(announce(20_000, 20_000), /will be stopped/);
  assert.throws(() => announce(20_001, 20_000), { code: 'DOWNTIME_TOO_LONG', exit: 78 });
});

test('with a snapshot there is one estimate for all sizes', () => {
  assert.match(snapshotDowntime().text, /about 10 s .*however large it is/);
});

test('a sample is packed as all will be: with the gzip here behind it', async () => {
  const tar = ['tar', '-cf', '-', 'package.json'];
  const slow = { kind: 'program', argv: ['sh', '-c', 'sleep 1; cat'] } as const;
  const { signal } = new AbortController();
  const estimate = async (argv: readonly string[]): Promise<number> => {
    const compression = { at: 'here', compressor: { ...slow, argv } } as const;
    return (await estimateDowntime(localHost, { tar, compression, signal }, 10 * 2 ** 20)).downtimeMs;
  };
  assert.ok((await estimate(slow.argv)) >= 11_000);
  assert.ok((await estimate(['cat'])) < 11_000);
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { localHost } from '../../lib/host/local.ts';
import type { DatasetPlace } from '../../lib/rootfs/trees/zfs-place.ts';
import { findPlace } from '../../lib/rootfs/trees/zfs-place.ts';

function node(t: TestContext): {
  dir: string;
  find: (dataset: string, path: string) => Promise<DatasetPlace>;
} {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'vz2osctl-place-')));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const ctid of ['101', '102']) mkdirSync(join(dir, ctid, 'rootfs'), { recursive: true });
  symlinkSync(join(dir, '101'), join(dir, 'link'));
  const lines = ['101', '102'].map((ctid) => `vz/private/${ctid} ${dir}/${ctid} zfs rw 0 0\n`);
  const host = { ...localHost, readFile: async () => Buffer.from(lines.join('')) };
  const find = (dataset: string, path: string): Promise<DatasetPlace> => {
    const source = { subdir: 'rootfs', privatePath: join(dir, path) };
    return findPlace({ host, ctid: '101', source }, dataset);
  };
  return { dir, find };
}

test('a private area behind a link is in its dataset', async (t) => {
  const { dir, find } = node(t);
  assert.equal((await find('vz/private/101', '101/rootfs')).mountpoint, join(dir, '101'));
  assert.equal((await find('vz/private/101', 'link/rootfs')).mountpoint, join(dir, '101'));
});

test("another container's dataset, or another directory in it, is refused", async (t) => {
  const { find } = node(t);
  const refused = { code: 'OTHER_DATASET', exit: 78 };
  await assert.rejects(find('vz/private/102', '101/rootfs'), refused);
  await assert.rejects(find('vz/private/101', '101'), refused);
  await assert.rejects(find('vz/private/101', 'gone'), refused);
  await assert.rejects(find('vz/private/103', '101/rootfs'), { code: 'DATASET_NOT_MOUNTED', exit: 78 });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { VzError } from '../../lib/errors.ts';
import { localHost } from '../../lib/host/local.ts';
import { checkSize, readConfigFile } from '../../lib/source/config-file.ts';

const LARGEST_BYTES = 256 * 1024;
const isTooLarge = ({ code, exit }: VzError): boolean => code === 'CONFIG_TOO_LARGE' && exit === 65;

test('a config has 256 KiB at most, in a file and on stdin', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-config-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, '101.conf');
  writeFileSync(path, Buffer.alloc(LARGEST_BYTES, '#'));
  assert.equal((await readConfigFile(localHost, path))?.length, LARGEST_BYTES);
  checkSize(LARGEST_BYTES, 'stdin');
  writeFileSync(path, Buffer.alloc(LARGEST_BYTES + 1, '#'));
  await assert.rejects(readConfigFile(localHost, path), isTooLarge);
  assert.throws(() => checkSize(LARGEST_BYTES + 1, 'stdin'), isTooLarge);
  assert.equal(await readConfigFile(localHost, join(dir, 'none')), null);
});

test('a host that does not know the size beforehand is checked afterwards', async () => {
  const host = { ...localHost, readFile: async () => Buffer.alloc(LARGEST_BYTES + 1) };
  await assert.rejects(readConfigFile(host, '/etc/vz/vz.conf'), isTooLarge);
});

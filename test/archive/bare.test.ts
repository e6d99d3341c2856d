import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { bundlePayloads } from '../../lib/archive/bare.ts';
import { streamWriter } from '../../lib/bundle/stream-writer.ts';
import { Log } from '../../lib/cli/log.ts';
import { Progress } from '../../lib/cli/progress.ts';
import type { VzError } from '../../lib/errors.ts';
import { sampleDocument } from '../support/sample-document.ts';

const STREAM = 'test/fixtures/zfs/streams/101-full.zstream';

/** What is said of an archive of one full stream, of the snapshot s1, and a snapshots.yml; undefined: without it. */
async function saidOf(snapshots: string | undefined): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-bare-'));
  const stderr = new PassThrough({ encoding: 'utf8' });
  const output = new PassThrough().resume();
  try {
    writeFileSync(join(dir, 'names'), snapshots ?? '');
    const payloads = [
      { name: 'rootfs/base.dat', path: STREAM },
      ...(snapshots === undefined ? [] : [{ name: 'snapshots.yml', path: join(dir, 'names') }]),
    ];
    const signal = new AbortController().signal;
    const writer = streamWriter(output, { segmentBytes: 1024 * 1024, mtime: new Date(0), signal });
    const log = new Log({ program: 'osctl-bundle', stderr, level: 'info' });
    const progress = new Progress({ log, mode: 'none', what: '' });
    await bundlePayloads(sampleDocument(), payloads, { writer, log, progress });
    return stderr.read() ?? '';
  } catch (error) {
    const { code, exit, what } = error as VzError;
    return `${exit} ${code} ${what}`;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test('snapshots.yml names what the streams hold', async () => {
  assert.equal(await saidOf('["s1"]'), '');
});

test('a name that is in no stream would fail the import once all is received: 65', async () => {
  assert.match(await saidOf('["s1", "s9"]'), /^65 SNAPSHOT_MISSING snapshots.yml: s9 is in no stream/);
});

test('a snapshot that stays on the node is warned of, with and without snapshots.yml', async () => {
  const warning = 'osctl-bundle: warning: not in snapshots.yml, so they stay on the node: s1\n';
  assert.equal(await saidOf('[]'), warning);
  assert.equal(await saidOf(undefined), warning);
});

test('what is no JSON list of names is refused', async () => {
  assert.match(await saidOf('- s1\n'), /^65 NOT_JSON snapshots.yml is not JSON/);
  assert.match(await saidOf('{"s1": 1}'), /^65 BAD_SNAPSHOTS /);
  assert.match(await saidOf(''), /^65 NOT_JSON /);
  assert.match(await saidOf('null'), /^65 BAD_SNAPSHOTS /);
  assert.match(await saidOf('["s1", "s1"]'), /^65 BAD_SNAPSHOTS .*each once/);
  assert.match(await saidOf('["s1; reboot"]'), /^65 BAD_SNAPSHOTS /);
  assert.match(await saidOf(`["${'x'.repeat(2 ** 20)}"]`), /^65 MEMBER_TOO_LARGE larger than 1048576 bytes/);
});

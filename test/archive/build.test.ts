import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildArchive } from '../../lib/archive/build.ts';
import { CONTAINER_MEMBER, END_MEMBER, encodeEnd } from '../../lib/bundle/end.ts';
import { readMembers } from '../../lib/bundle/reader.ts';
import { streamWriter } from '../../lib/bundle/stream-writer.ts';
import type { ArchiveWriter } from '../../lib/bundle/writer.ts';
import type { VzError } from '../../lib/errors.ts';
import { sampleDocument } from '../support/sample-document.ts';

const MTIME = new Date('2026-01-02T03:04:05Z');
const PAYLOAD = gzipSync(randomBytes(5000));

/** Everything that a writer is given. */
async function collect(write: (writer: ArchiveWriter) => Promise<void>): Promise<Buffer> {
  const pipe = new PassThrough();
  const chunks: Buffer[] = [];
  pipe.on('data', (chunk: Buffer) => chunks.push(chunk));
  await write(streamWriter(pipe, { segmentBytes: 2048, mtime: MTIME, signal: new AbortController().signal }));
  return Buffer.concat(chunks);
}

type Step = (writer: ArchiveWriter) => Promise<void>;
const member =
  (name: string, text: string | Buffer): Step =>
  (writer) =>
    writer.member(name, Buffer.from(text));
const container = member(CONTAINER_MEMBER, JSON.stringify(sampleDocument()));
const payload =
  (name: string, data = PAYLOAD): Step =>
  async (writer) => {
    const sink = writer.payload(name);
    await sink.write(data);
    await sink.end();
  };
const end = (...payloads: { name: string; bytes: number }[]): Step =>
  member(END_MEMBER, encodeEnd({ kind: 'bundle-end', payloads, warnings: [] }));
const ROOTFS = { name: 'rootfs/base.tar.gz', bytes: PAYLOAD.length };

async function bundle(...steps: Step[]): Promise<Buffer> {
  return collect(async (writer) => {
    for (const step of steps) await step(writer);
    await writer.end();
  });
}

async function* chunked(data: Buffer, sizeBytes = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += sizeBytes) yield data.subarray(at, at + sizeBytes);
}

async function build(data: Buffer): Promise<Buffer> {
  return collect((writer) => buildArchive(chunked(data), writer, MTIME));
}

async function names(archive: Buffer): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of readMembers(chunked(archive))) found.push(name);
  return [...new Set(found)];
}

test('the document comes first, metadata.yml last', async () => {
  const archive = await build(await bundle(container, payload('rootfs/base.tar.gz'), end(ROOTFS)));
  assert.deepEqual(await names(archive), [
    'container.json',
    'rootfs/base.tar.gz',
    'config/container.yml',
    'metadata.yml',
  ]);
});

test('user, group and the files of the source are kept', async () => {
  const document = {
    ...sampleDocument({
      files: [
        { path: '/etc/vz/conf/101.conf', role: 'container', encoding: 'utf8', content: 'A=b\n' },
        { path: '/etc/vz/vz.conf', role: 'global', encoding: 'base64', content: '/w==' },
        { path: '/etc/vz/conf/101.mount', role: 'script', encoding: 'utf8', content: '#!/bin/sh\n' },
      ],
    }),
    user: { name: 'web', uidMap: ['0:100000:65536'], gidMap: ['0:100000:65536'] },
    group: '/web',
  };
  const archive = await build(
    await bundle(
      member(CONTAINER_MEMBER, JSON.stringify(document)),
      payload('rootfs/base.tar.gz'),
      end(ROOTFS),
    ),
  );
  const found = new Map<string, string>();
  for await (const { name, data } of readMembers(chunked(archive))) {
    let text = '';
    for await (const chunk of data) text += chunk.toString('latin1');
    found.set(name, text);
  }
  assert.equal(found.get('vz2osctl/101.conf'), 'A=b\n');
  assert.equal(found.get('vz2osctl/vz.conf'), '\xff');
  assert.equal(found.get('vz2osctl/101.mount'), '#!/bin/sh\n');
  assert.deepEqual(JSON.parse(found.get('config/user.yml') ?? ''), {
    uid_map: ['0:100000:65536'],
    gid_map: ['0:100000:65536'],
    standalone: false,
    attrs: {},
  });
  assert.deepEqual(JSON.parse(found.get('metadata.yml') ?? ''), {
    type: 'full',
    format: 'tar',
    container: '101',
    user: 'web',
    group: '/web',
    datasets: [],
    exported_at: 1767323045,
  });
});

test('a stream that is cut anywhere makes no archive', async () => {
  const whole = await bundle(container, payload('rootfs/base.tar.gz'), end(ROOTFS));
  // The two blocks of zeros behind the trailer may be missing: both of osctld's readers do without.
  const trailerEnds = whole.length - 1024;
  const cuts = new Set<number>();
  for (let at = 0; at < trailerEnds; at += 512) for (const near of [at - 1, at, at + 1]) cuts.add(near);
  for (const cut of [...cuts].filter((at) => at > 0 && at < trailerEnds - 511)) {
    const out: Buffer[] = [];
    const pipe = new PassThrough();
    pipe.on('data', (chunk: Buffer) => out.push(chunk));
    const writer = streamWriter(pipe, {
      segmentBytes: 2048,
      mtime: MTIME,
      signal: new AbortController().signal,
    });
    await assert.rejects(
      buildArchive(chunked(whole.subarray(0, cut)), writer, MTIME),
      (error: VzError) => error.exit === 65,
      `cut at ${cut}`,
    );
    assert.ok(!Buffer.concat(out).includes('metadata.yml'), `cut at ${cut}`);
  }
});

const REFUSED: readonly [string, readonly Step[], number, RegExp][] = [
  ['an empty tar', [], 65, /without end.json/],
  [
    'no document',
    [payload('rootfs/base.tar.gz'), end(ROOTFS)],
    65,
    /is the first member, expected container.json/,
  ],
  ['a document that is none', [member(CONTAINER_MEMBER, '{'), end()], 65, /is not JSON/],
  [
    'a wrong document',
    [member(CONTAINER_MEMBER, '{"kind":"vz-config"}'), end()],
    65,
    /kind: expected osctl-container/,
  ],
  ['no payload', [container, end()], 65, /no payload came/],
  ['a foreign name', [container, payload('etc/passwd'), end()], 65, /is no name that osctld knows/],
  [
    'a wrong count',
    [container, payload('rootfs/base.tar.gz'), end({ ...ROOTFS, bytes: 1 })],
    65,
    /bytes came, 1 were sent/,
  ],
  ['a payload too many', [container, payload('rootfs/base.tar.gz'), end()], 65, /does not name all payloads/],
  [
    'a trailer that is none',
    [container, payload('rootfs/base.tar.gz'), member(END_MEMBER, '[]')],
    65,
    /not a trailer/,
  ],
  ['a second container', [container, container], 64, /a second container/],
  [
    'a member behind the end',
    [container, payload('rootfs/base.tar.gz'), end(ROOTFS), payload('x')],
    65,
    /behind the end/,
  ],
  [
    'a payload in two parts',
    [container, payload('rootfs/base.dat'), payload('rootfs/a/base.dat'), payload('rootfs/base.dat'), end()],
    65,
    /comes again/,
  ],
];
for (const [name, steps, exit, message] of REFUSED) {
  test(`refuses ${name}`, async () => {
    await assert.rejects(
      build(await bundle(...steps)),
      (error: VzError) => error.exit === exit && message.test(error.line),
    );
  });
}

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAhead } from '../../lib/bundle/read-ahead.ts';

const PIECE = 64 * 1024;

/** An endless source that counts what was taken from it. */
function source(): Readable & { taken: number } {
  const stream = Object.assign(
    new Readable({
      highWaterMark: PIECE,
      read() {
        stream.taken += PIECE;
        this.push(Buffer.alloc(PIECE));
      },
    }),
    { taken: 0 },
  );
  return stream;
}

test('chunks come in their order, each as it was', async () => {
  const pieces = ['one', 'two', 'three'].map((text) => Buffer.from(text));
  const seen: Buffer[] = [];
  for await (const chunk of readAhead(Readable.from(pieces, { objectMode: false }))) seen.push(chunk);
  assert.deepEqual(seen, pieces);
});

test('a stream that was paused is read all the same', async () => {
  const stream = Readable.from([Buffer.from('x')], { objectMode: false });
  stream.pause();
  const seen: string[] = [];
  for await (const chunk of readAhead(stream)) seen.push(chunk.toString());
  assert.deepEqual(seen, ['x']);
});

test('a slow reader has some hundred KiB read for it, and no more', async () => {
  const stream = source();
  const chunks = readAhead(stream);
  await chunks.next();
  await sleep(50);
  assert.ok(stream.taken > 4 * PIECE, `${stream.taken}`);
  assert.ok(stream.taken <= 12 * PIECE, `${stream.taken}`);
  for (let count = 0; count < 100; count += 1) await chunks.next();
  assert.ok(stream.taken <= 112 * PIECE, `${stream.taken}`);
  await chunks.return();
  assert.ok(stream.destroyed, 'left early, it is destroyed');
});

test('what was read is handed out before the error of a stream that breaks', async () => {
  const stream = new Readable({ read() {} });
  stream.push(Buffer.from('first'));
  const chunks = readAhead(stream);
  assert.equal((await chunks.next()).value?.toString(), 'first');
  const next = chunks.next();
  stream.destroy(new Error('torn'));
  await assert.rejects(next, /torn/);
});

test('a stream that is destroyed before its end is no end', async () => {
  const stream = new Readable({ read() {} });
  const next = readAhead(stream).next();
  stream.destroy();
  await assert.rejects(next, /[Pp]remature/);
});

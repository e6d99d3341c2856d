import { finished, type Readable } from 'node:stream';

/**
 * The chunks of a stream as they come, with up to 512 KiB of them read ahead, so that whoever writes it need not wait while
 * we wait for our own reader. Not the stream's iterator, which joins what lies waiting into a new buffer: that costs a
 * third of the rate. Throws the stream's error, also when it is destroyed before its end; destroys it when left early.
 */
export async function* readAhead(stream: Readable): AsyncGenerator<Buffer, void, undefined> {
  const queue: Buffer[] = [];
  let queuedBytes = 0;
  let end: { readonly error: Error | null | undefined } | undefined;
  let wake = (): void => {};
  stream.on('data', (chunk: Buffer) => {
    queue.push(chunk);
    queuedBytes += chunk.length;
    if (queuedBytes >= AHEAD_BYTES) stream.pause();
    wake();
  });
  // One that was paused before stays so in spite of its new listener.
  stream.resume();
  const stopWatching = finished(stream, { writable: false }, (error) => {
    end = { error };
    wake();
  });
  try {
    for (;;) {
      const chunk = queue.shift();
      if (chunk) {
        queuedBytes -= chunk.length;
        if (queuedBytes < AHEAD_BYTES / 2) stream.resume();
        yield chunk;
      } else if (end) {
        if (end.error) throw end.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    stopWatching();
    stream.destroy();
  }
}

const AHEAD_BYTES = 512 * 1024;

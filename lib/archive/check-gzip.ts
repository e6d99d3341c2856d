import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { EXIT, VzError } from '../errors.ts';

/**
 * Passes a payload's chunks on and, when its name says gzip, unpacks them beside, to nowhere: a bare payload has no
 * trailer, and one that was cut off must not get a metadata.yml behind it. Throws VzError (65).
 */
export async function* checkGzip(
  name: string,
  path: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  if (!name.endsWith('.gz')) {
    yield* chunks;
    return;
  }
  const gunzip = createGunzip();
  gunzip.resume();
  const end = finished(gunzip);
  end.catch(() => {});
  try {
    for await (const chunk of chunks) {
      yield chunk;
      if (!gunzip.write(chunk)) await Promise.race([once(gunzip, 'drain'), end]);
    }
    gunzip.end();
    await end;
  } catch (cause) {
    if (cause instanceof VzError) throw cause;
    throw new VzError('BAD_GZIP', {
      exit: EXIT.data,
      where: path,
      what: `not a whole gzip file (${cause instanceof Error ? cause.message : String(cause)})`,
      hint: 'make it again; did vz-rootfs-tar --raw fail?',
      cause,
    });
  }
}

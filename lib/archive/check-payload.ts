import { Unpacker } from '../bundle/unpacker.ts';
import { EXIT, VzError } from '../errors.ts';
import { isSendStream } from '../osctl/member-rules.ts';
import { SendStream, type SendStreamResult } from '../osctl/send-stream.ts';

/**
 * Passes a bare payload's chunks on and checks it beside: it has no trailer, and one that was cut off must not get a
 * metadata.yml behind it. A ZFS send stream is checked as it flows, and handed to `onStream`; any other payload is
 * unpacked to nowhere when its name says gzip. Throws VzError (65).
 */
export async function* checkPayload(
  name: string,
  path: string,
  chunks: AsyncIterable<Buffer>,
  onStream: (result: SendStreamResult) => void,
): AsyncGenerator<Buffer> {
  if (isSendStream(name)) {
    const stream = new SendStream(name);
    for await (const chunk of chunks) {
      yield chunk;
      await stream.push(chunk);
    }
    const result = await stream.finish();
    if (result.failure) throw damaged(path, result.failure.code, result.failure.what, 'make it again');
    onStream(result);
    return;
  }
  const unpacker = new Unpacker(name.endsWith('.gz'), () => {});
  for await (const chunk of chunks) {
    yield chunk;
    await orBadGzip(path, unpacker.push(chunk));
  }
  await orBadGzip(path, unpacker.end());
}

async function orBadGzip(path: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    const what = `not a whole gzip file (${cause instanceof Error ? cause.message : String(cause)})`;
    throw damaged(path, 'BAD_GZIP', what, 'make it again; did vz-rootfs-tar --raw fail?', cause);
  }
}

function damaged(path: string, code: string, what: string, hint: string, cause?: unknown): VzError {
  return new VzError(code, { exit: EXIT.data, where: path, what, hint, cause });
}

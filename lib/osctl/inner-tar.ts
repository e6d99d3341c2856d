import { VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { describeExit, run } from '../host/run.ts';
import { pour } from './pour.ts';
import type { TarListing } from './tar-listing.ts';
import { TarListingReader } from './tar-listing.ts';

export interface InnerTarResult extends TarListing {
  /** Why tar gave up, or null. */
  readonly failure: string | null;
  /** The size in the gzip trailer is that of all that came out; it is not for several gzip members or bytes behind. */
  readonly oneGzipMember: boolean;
}

export interface InnerTar {
  readonly pour: (chunk: Buffer) => Promise<void>;
  readonly finish: () => Promise<InnerTarResult>;
  readonly stop: () => Promise<void>;
}

/**
 * Lists `rootfs/base.tar.gz` as GNU tar on the node will read it, to the end of the gzip and of the tar.
 * `--ignore-zeros` makes tar go on behind the end blocks, and `--block-number` makes it say where those and the end of
 * file are. Without `--numeric-owner` it shows owner names exactly where an entry carries them. igzip unpacks four
 * times faster than the gzip of the node and checks the same sums, but overlooks bytes behind its stream.
 */
export async function listInnerTar(host: Host, signal?: AbortSignal): Promise<InnerTar> {
  const unzip = (await isThere(host, 'igzip')) ? 'igzip' : 'gzip';
  const child = host.spawn([...LIST_COMMAND, `--use-compress-program=${unzip}`], {
    stdin: 'pipe',
    ...(signal ? { signal } : {}),
  });
  const reader = new TarListingReader();
  const listed = (async () => {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) reader.push(chunk.toString('latin1'));
  })();
  // `finish` reports it; `stop` destroys the stream on purpose.
  listed.catch(() => {});
  let tail: Buffer = Buffer.alloc(0);
  return {
    pour: async (chunk) => {
      tail = chunk.length >= 4 ? chunk.subarray(-4) : Buffer.concat([tail, chunk]).subarray(-4);
      await pour(child.stdin, chunk);
    },
    finish: async () => {
      child.stdin.end();
      await listed;
      const exit = await child.done;
      return {
        ...reader.listing,
        failure:
          exit.code === 0 ? null : `tar ${describeExit({ ...exit, stderr: firstReason(exit.stderr) })}`,
        // RFC 1952: ISIZE is the size modulo 2^32.
        oneGzipMember: tail.length === 4 && tail.readUInt32LE() === (reader.listing.blocks * 512) % 2 ** 32,
      };
    },
    stop: child.kill,
  };
}

async function isThere(host: Host, program: string): Promise<boolean> {
  try {
    return (await run(host, [program, '--version'])).code === 0;
  } catch (error) {
    if (error instanceof VzError) return false;
    throw error;
  }
}

/** tar's last line is only ever that it gives up; what gzip or tar said before tells why. */
function firstReason(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => !/: Removing leading/.test(line)) ?? '';
}

const LIST_COMMAND = ['tar', '--list', '--verbose', '--file=-', '--absolute-names', '--ignore-zeros'].concat([
  '--block-number',
  '--quoting-style=escape',
  '--warning=no-timestamp',
]);

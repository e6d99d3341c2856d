import type { Host } from '../host/host.ts';
import { describeExit } from '../host/run.ts';
import { pour } from './pour.ts';
import type { TarListing } from './tar-listing.ts';
import { TarListingReader } from './tar-listing.ts';

export interface InnerTarResult extends TarListing {
  /** Why tar gave up, or null. */
  readonly failure: string | null;
  /** The gzip trailer's size is not that of all that came out: there is more than one gzip member. */
  readonly severalGzipMembers: boolean;
}

export interface InnerTar {
  readonly pour: (chunk: Buffer) => Promise<void>;
  readonly finish: () => Promise<InnerTarResult>;
  readonly stop: () => Promise<void>;
}

/**
 * Lists `rootfs/base.tar.gz` with the same programs that osctld unpacks it with (GNU tar, which runs gzip), to the end
 * of both. `--block-number` makes tar say whether it saw the end-of-archive blocks; without `--numeric-owner` it
 * shows owner names exactly where an entry carries them.
 */
export function listInnerTar(host: Host, signal?: AbortSignal): InnerTar {
  const child = host.spawn(LIST_COMMAND, { stdin: 'pipe', ...(signal ? { signal } : {}) });
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
      const total = /^Total bytes read: (\d+)/m.exec(exit.stderr)?.[1];
      return {
        ...reader.listing,
        failure:
          exit.code === 0 ? null : `tar ${describeExit({ ...exit, stderr: firstReason(exit.stderr) })}`,
        severalGzipMembers:
          exit.code === 0 &&
          total !== undefined &&
          tail.length === 4 &&
          BigInt.asUintN(32, BigInt(total)) !== BigInt(tail.readUInt32LE()),
      };
    },
    stop: child.kill,
  };
}

/** tar's last line is only ever that it gives up; what gzip or tar said before tells why. */
function firstReason(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => !/^Total bytes|: Removing leading/.test(line)) ?? '';
}

const LIST_COMMAND = [
  'tar',
  '--list',
  '--verbose',
  '--gzip',
  '--file=-',
  '--absolute-names',
  '--block-number',
].concat(['--totals', '--quoting-style=escape', '--warning=no-timestamp']);

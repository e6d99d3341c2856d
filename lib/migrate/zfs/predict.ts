import type { Pass } from '../../documents/vz-migration.ts';
import { run as runOn } from '../../host/run.ts';
import type { Run } from '../run.ts';
import type { Prediction } from '../way.ts';
import { fullName, type ZfsSource, zfsSource } from './source.ts';

/**
 * What the last pass would take: what zfs says was written since the confirmed snapshots, at the rate of the passes so far; or
 * as long as the last increment took, where zfs does not know that (before 0.6). Changes nothing. Throws VzError (69).
 */
export async function predictLastPass(run: Run): Promise<Prediction> {
  const { passes } = run.journal.document.sync;
  const last = passes.findLast(({ how }) => how === 'increment') ?? passes.at(-1);
  if (last === undefined) return { walkMs: 0, dataMs: Number.POSITIVE_INFINITY };
  const written = await writtenBytes(run, await zfsSource(run));
  const rate = bytesPerMs(passes);
  const dataMs = written === null || rate === null ? last.ms - last.walkMs : Math.ceil(written / rate);
  return { walkMs: last.walkMs, dataMs };
}

/** What a stream of everything since the confirmed snapshots would hold, about; null: nobody can tell. */
async function writtenBytes(
  { journal, source: host, io }: Run,
  { dataset, flags }: ZfsSource,
): Promise<number | null> {
  let total = 0;
  for (const { name, confirmed } of journal.document.sync.datasets) {
    if (!confirmed) return null;
    const properties = `written@${confirmed.name},compressratio`;
    const argv = ['zfs', 'get', '-H', '-p', '-o', 'value', properties, fullName(dataset, name)];
    const result = await runOn(host, argv, { signal: io.signal });
    io.signal.throwIfAborted();
    const bytes = result.code === 0 ? readWritten(result.stdout.toString(), isCompressed(flags)) : null;
    if (bytes === null) return null;
    total += bytes;
  }
  return total;
}

/** The values of `written@SNAPSHOT` and `compressratio` (`1.50` or `1.50x`): blocks count as they lie on the disk. */
export function readWritten(text: string, sentCompressed: boolean): number | null {
  const [written = '', ratio = ''] = text.split('\n');
  const bytes = /^\d+$/.test(written) ? Number(written) : Number.NaN;
  const times = sentCompressed ? 1 : Number.parseFloat(ratio);
  return Number.isFinite(bytes * times) ? bytes * times : null;
}

function isCompressed(flags: readonly string[]): boolean {
  return flags.some((flag) => flag.includes('c'));
}

/** Of all passes; those that were limited count as well, and make it lower. null: nothing was sent for long enough. */
export function bytesPerMs(passes: readonly Pass[]): number | null {
  const bytes = passes.reduce((sum, pass) => sum + Number(pass.bytes), 0);
  const ms = passes.reduce((sum, pass) => sum + pass.ms - pass.walkMs, 0);
  return bytes > 0 && ms > 0 ? bytes / ms : null;
}

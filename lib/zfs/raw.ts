import { rawWriter } from '../bundle/raw-writer.ts';
import type { Io } from '../cli/io.ts';
import type { Progress } from '../cli/progress.ts';
import { formatBytes, formatDuration } from '../cli/units.ts';
import { EXIT, VzError } from '../errors.ts';
import { localHost } from '../host/local.ts';
import { quoteArgv } from '../host/quote.ts';
import { runChecked } from '../host/run.ts';
import { probeNode } from '../source/probe.ts';
import { estimateBytes } from './estimate.ts';
import { sendCommand, sendFlags } from './plan.ts';
import { sendStream } from './send.ts';

export interface RawOptions {
  readonly dataset: string;
  readonly snapshot: string;
  /** The snapshot that it builds on; undefined: a full stream. */
  readonly from: string | undefined;
}

/** Sends one snapshot of this machine, which exists and is left alone, as a bare stream. Throws as `sendStream`; 69. */
export async function sendRaw(
  { dataset, snapshot, from }: RawOptions,
  progress: Progress,
  io: Io,
): Promise<void> {
  const { programs } = await probeNode(localHost, io.signal);
  if (!programs.zfs)
    throw new VzError('NO_ZFS', { exit: EXIT.unavailable, where: localHost.label, what: 'no program zfs' });
  const argv = sendCommand(sendFlags(programs.zfsSend, false), dataset, snapshot, from);
  io.log.detail(quoteArgv(argv));
  const knows = progress.isShown && programs.zfsSend.includes('n') && programs.zfsSend.includes('P');
  const estimate = knows ? await estimateBytes(localHost, [argv], io.signal) : undefined;
  if (estimate !== undefined) progress.expect(estimate);
  const startedMs = performance.now();
  const { bytes } = await sendStream({
    host: localHost,
    argv,
    expected: { fromGuid: from === undefined ? null : await guidOf(`${dataset}@${from}`) },
    sink: rawWriter(io.stdout, io.signal).payload(''),
    signal: io.signal,
    onBytes: (more) => progress.add(more),
    where: `${dataset}@${snapshot}`,
  }).finally(() => progress.stop());
  io.log.info(`${formatBytes(bytes)} sent in ${formatDuration(performance.now() - startedMs)}`);
}

/** As `StreamCheck` has it: 16 hexadecimal digits. Throws VzError (69) when there is no such snapshot. */
async function guidOf(snapshot: string): Promise<string> {
  const guid = await runChecked(localHost, ['zfs', 'get', '-H', '-p', '-o', 'value', 'guid', snapshot]);
  return BigInt(guid.trim()).toString(16).padStart(16, '0');
}

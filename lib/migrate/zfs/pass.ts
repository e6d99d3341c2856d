import type { Pass } from '../../documents/vz-migration.ts';
import { gentleHost } from '../../export/gentle.ts';
import { readerHost } from '../../guard/reader.ts';
import { estimateBytes } from '../../zfs/estimate.ts';
import { sendCommand } from '../../zfs/plan.ts';
import { rateLimit } from '../files/rate-limit.ts';
import type { Run } from '../run.ts';
import type { LastPass } from '../way.ts';
import { datasetState } from './progress-of-datasets.ts';
import { type Sending, sendDataset } from './send-dataset.ts';
import { checkSource, fullName, requireDatasets, zfsSource } from './source.ts';
import { pruneSnapshots, takeSnapshot } from './source-snapshots.ts';
import type { TargetEnd } from './target-end.ts';

/** A pass while the container runs, or is down by itself. Throws VzError: see `sendAll`, and `preflight`. */
export async function passWhileRunning(run: Run, target: TargetEnd): Promise<Pass> {
  await checkSource(run);
  await pruneSnapshots(run);
  const pass = await sendAll({
    run,
    source: await zfsSource(run),
    target,
    reader: gentleHost(run.streams.source),
    limit: rateLimit(run.options.bytesPerSecond),
    signal: run.io.signal,
  });
  await pruneSnapshots(run);
  return pass;
}

/** The last one, with the container stopped by the guard, which can end what reads. Throws VzError: see `sendAll`. */
export async function prepareLastPass(run: Run, target: TargetEnd): Promise<LastPass> {
  const source = await zfsSource(run);
  return {
    stop: 'unmounted',
    send: (guard) =>
      sendAll({
        ...{ run, source, target },
        reader: readerHost(run.source, guard),
        limit: rateLimit(undefined),
        signal: AbortSignal.any([run.io.signal, guard.lost]),
      }),
  };
}

/**
 * Makes a snapshot and sends all datasets up to it, parents first; afterwards each is confirmed. Throws VzError: 78 for a
 * dataset that the target does not have, 74, 65, 69, 75.
 */
async function sendAll(sending: Sending): Promise<Pass> {
  const { run, source, signal } = sending;
  const { journal } = run;
  const startedMs = performance.now();
  const { name: snapshot, listing } = await takeSnapshot(run, source, signal);
  requireDatasets(run, listing.having(snapshot));
  await announce(sending, snapshot);
  let [bytes, flowMs, full] = [0, 0, false];
  for (const { name } of journal.document.sync.datasets) {
    const sent = await sendDataset(sending, name, snapshot, (base) => listing.having(base).includes(name));
    bytes += sent.bytes;
    flowMs += sent.flowMs;
    full ||= sent.full;
  }
  const ms = Math.round(performance.now() - startedMs);
  const pass: Pass = {
    at: new Date().toISOString(),
    how: full ? 'base' : 'increment',
    ms,
    walkMs: Math.max(0, ms - Math.round(flowMs)),
    bytes: String(bytes),
  };
  const { sync } = journal.document;
  await journal.save({ sync: { ...sync, passes: [...sync.passes, pass] } });
  return pass;
}

/** Tells the progress how much will come, where somebody looks at it and zfs can say. */
async function announce({ run, source, signal }: Sending, snapshot: string): Promise<void> {
  const { progress, journal } = run;
  const known = journal.document.container.source.facts?.node?.programs.zfsSend ?? [];
  if (!progress.isShown || !known.includes('n') || !known.includes('P')) return;
  const argvs = journal.document.sync.datasets.map(({ name }) => {
    const from = datasetState(journal.document, name).confirmed?.name;
    return sendCommand(source.flags, fullName(source.dataset, name), snapshot, from);
  });
  const bytes = await estimateBytes(run.source, argvs, signal);
  if (bytes !== undefined) progress.expect(bytes);
}

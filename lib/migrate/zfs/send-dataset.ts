import type { VzError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { sendCommand } from '../../zfs/plan.ts';
import { sendStream } from '../../zfs/send.ts';
import type { RateLimit } from '../files/rate-limit.ts';
import type { Run } from '../run.ts';
import { datasetState, possibleBases, withDataset } from './progress-of-datasets.ts';
import { fullName, type ZfsSource } from './source.ts';
import { STREAM_REFUSED, type TargetEnd } from './target-end.ts';

export interface Sending {
  readonly run: Run;
  readonly source: ZfsSource;
  readonly target: TargetEnd;
  /** What `zfs send` runs on. */
  readonly reader: Host;
  readonly limit: RateLimit;
  readonly signal: AbortSignal;
}

export interface Sent {
  readonly full: boolean;
  readonly bytes: number;
  /** Milliseconds in which data flowed. */
  readonly flowMs: number;
}

/**
 * Sends a dataset up to a snapshot, from the newest one that the target has. Where an answer was lost before, the target is
 * looked at, or else the stream is tried from the doubtful snapshot first. Throws VzError: 69, 75 see TargetEnd; 74, 65 see
 * `sendStream`.
 */
export async function sendDataset(
  sending: Sending,
  name: string,
  snapshot: string,
  hasSnapshot: (snapshot: string) => boolean,
): Promise<Sent> {
  const { journal } = sending.run;
  await lookForDoubtful(sending, name);
  const { doubtful } = datasetState(journal.document, name);
  const bases = possibleBases(journal.document, name).filter((base) => base === null || hasSnapshot(base));
  let refusal: VzError | null = null;
  let total = { bytes: 0, flowMs: 0 };
  for (const base of bases) {
    await journal.save({ sync: withDataset(journal.document, name, { doubtful: snapshot }) });
    const stream = await sendFrom(sending, name, { base, snapshot });
    total = { bytes: total.bytes + stream.bytes, flowMs: total.flowMs + stream.flowMs };
    ({ refusal } = stream);
    if (refusal === null) return { full: base === null, ...total };
    // No other stream would be taken either.
    if (refusal.code !== STREAM_REFUSED) break;
  }
  await journal.save({ sync: withDataset(journal.document, name, { doubtful }) });
  throw refusal ?? new TypeError('no stream was sent');
}

/** Whoever can look need not guess. One that is not there may still be on its way: the stream tells. */
async function lookForDoubtful({ run, target }: Sending, name: string): Promise<void> {
  const { journal } = run;
  const { doubtful } = datasetState(journal.document, name);
  if (doubtful === null || target.look === null) return;
  const there = await target.look(name);
  const sent = possibleBases(journal.document, name).slice(0, -1);
  const arrived = sent.find((base) => base !== null && there.includes(base));
  if (arrived == null) return;
  const confirmed = { name: arrived, guid: null };
  await journal.save({ sync: withDataset(journal.document, name, { confirmed, doubtful: null }) });
}

interface StreamOutcome {
  readonly refusal: VzError | null;
  readonly bytes: number;
  readonly flowMs: number;
}

async function sendFrom(
  { run, source, target, reader, limit, signal }: Sending,
  name: string,
  { base, snapshot }: { readonly base: string | null; readonly snapshot: string },
): Promise<StreamOutcome> {
  const { journal, progress } = run;
  const { confirmed } = datasetState(journal.document, name);
  const dataset = fullName(source.dataset, name);
  // Of one whose answer was lost nobody has noted the GUID.
  const guid = base === null ? null : base === confirmed?.name ? (confirmed.guid ?? undefined) : undefined;
  let flow: { readonly fromMs: number; toMs: number; bytes: number } | undefined;
  let toGuid: string | null = null;
  const onBytes = (bytes: number): void => {
    const nowMs = performance.now();
    flow ??= { fromMs: nowMs, toMs: nowMs, bytes: 0 };
    flow.toMs = nowMs;
    flow.bytes += bytes;
    progress.add(bytes);
  };
  const take = (): Promise<VzError | null> =>
    target.take({
      dataset: name,
      verb: base === null ? 'base' : 'incremental',
      snapshot,
      signal,
      feed: async (sink) => {
        const summary = await sendStream({
          host: reader,
          argv: sendCommand(source.flags, dataset, snapshot, base ?? undefined),
          expected: guid === undefined ? {} : { fromGuid: guid },
          sink: {
            ...sink,
            write: async (chunk) => {
              await limit(chunk.length, signal);
              await sink.write(chunk);
            },
          },
          signal,
          onBytes,
          where: dataset,
        });
        toGuid = summary.snapshots[0]?.toGuid ?? null;
      },
    });
  const refusal = await journal.effect(`zfs send ${dataset}@${snapshot}`, take, (refused, document) =>
    refused === null
      ? { sync: withDataset(document, name, { confirmed: { name: snapshot, guid: toGuid }, doubtful: null }) }
      : {},
  );
  return { refusal, bytes: flow?.bytes ?? 0, flowMs: flow ? flow.toMs - flow.fromMs : 0 };
}

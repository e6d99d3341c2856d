import type { ArchiveWriter } from '../bundle/writer.ts';
import { countedSink } from '../bundle/writer.ts';
import type { Progress } from '../cli/progress.ts';
import { gzipInto } from '../export/gzip.ts';
import type { Host } from '../host/host.ts';
import { estimateBytes } from './estimate.ts';
import { sendCommand } from './plan.ts';
import { sendStream } from './send.ts';
import type { PlannedDataset, TransferPlan } from './transfer-plan.ts';

export interface SenderOptions {
  readonly host: Host;
  readonly plan: TransferPlan;
  readonly writer: ArchiveWriter;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Writes streams as payloads, and counts them. */
export class Sender {
  readonly payloads: { name: string; bytes: number }[] = [];
  sentBytes = 0;
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Tells the progress how much will come, where somebody looks at it and zfs can say. */
  async announce(datasets: readonly PlannedDataset[], snapshot: string, from?: string): Promise<void> {
    const { host, plan, progress, signal } = this.#options;
    if (!progress.isShown || !plan.estimates) return;
    const argvs = datasets.map(({ dataset }) => sendCommand(plan.flags, dataset, snapshot, from));
    const bytes = await estimateBytes(host, argvs, signal);
    if (bytes !== undefined) progress.expect(bytes);
  }

  /** Returns the GUID of the snapshot that was sent. */
  async send(
    { dataset, prefix, gzip }: PlannedDataset,
    member: 'base' | 'incremental',
    snapshot: string,
    expected: { readonly fromGuid: string | null },
    from?: string,
  ): Promise<string | null> {
    const { host, plan, writer, progress, signal } = this.#options;
    const payload = { name: `${prefix}${member}.dat${gzip ? '.gz' : ''}`, bytes: 0 };
    const counted = countedSink(writer.payload(payload.name), (bytes) => {
      payload.bytes += bytes;
    });
    const zipped = gzip ? gzipInto(counted, plan.compressor, signal) : undefined;
    const sink = zipped ?? counted;
    try {
      const argv = sendCommand(plan.flags, dataset, snapshot, from);
      const onBytes = (bytes: number): void => progress.add(bytes);
      const summary = await sendStream({ host, argv, expected, sink, signal, onBytes, where: dataset });
      await sink.end();
      this.payloads.push(payload);
      this.sentBytes += summary.bytes;
      return summary.snapshots[0]?.toGuid ?? null;
    } catch (error) {
      await zipped?.stop();
      throw error;
    }
  }

  async member(name: string, data: Buffer): Promise<void> {
    await this.#options.writer.member(name, data);
    this.payloads.push({ name, bytes: data.length });
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { ArchiveWriter } from '../bundle/writer.ts';
import type { Io } from '../cli/io.ts';
import type { Progress } from '../cli/progress.ts';
import { EXIT, VzError } from '../errors.ts';
import { gentleHost } from '../export/gentle.ts';
import { lockAgain } from '../export/take-guard.ts';
import { readUsableStatus } from '../export/usable-status.ts';
import { datasetsWith, holdSnapshot, listSnapshots, makeSnapshot } from '../export/zfs-snapshots.ts';
import type { Guard } from '../guard/guard.ts';
import { readerHost } from '../guard/reader.ts';
import type { Host } from '../host/host.ts';
import { readStatus } from '../source/status.ts';
import { listDatasets, memberPrefix } from './datasets.ts';
import { Sender } from './sender.ts';
import type { PlannedDataset, TransferPlan } from './transfer-plan.ts';

export interface TransferOptions {
  readonly host: Host;
  readonly guard: Guard;
  readonly plan: TransferPlan;
  readonly writer: ArchiveWriter;
  readonly progress: Progress;
  readonly io: Io;
}

export interface Transfer {
  /** Bytes of the send streams, before gzip. */
  readonly sentBytes: number;
  readonly payloads: readonly { readonly name: string; readonly bytes: number }[];
  readonly warnings: readonly string[];
  readonly downtimeMs: number | undefined;
}

/**
 * Writes all streams, with their snapshots made, held and noted for the guard to remove: the base of each dataset, then,
 * where the plan stops the container, what has changed until the stop. Nothing is written while it is down: a slow
 * reader costs no downtime. Throws VzError: 74, 65 (see `sendStream`).
 */
export async function transfer({
  host,
  guard,
  plan,
  writer,
  progress,
  io,
}: TransferOptions): Promise<Transfer> {
  const { ctid, dataset, base, last } = plan;
  const where = `ct ${ctid}`;
  // It runs whenever data is sent, or was down before.
  const reading = readerHost(gentleHost(host), guard);
  const sender = new Sender({ host: reading, plan, writer, progress, signal: io.signal });
  const warnings: string[] = [];
  const warn = (text: string): void => {
    warnings.push(text);
    io.log.warning(`${where}: ${text}`);
  };
  const hold = async (name: string): Promise<void> => {
    const failed = await holdSnapshot({ host, dataset, name, recursive: true, signal: io.signal });
    if (failed !== undefined)
      warn(`the snapshot ${name} is not held, and a job that destroys snapshots may take it: ${failed}`);
  };
  // A recursive snapshot is one of the volumes below, too; osctld knows file systems only.
  const having = async (name: string): Promise<string[]> => {
    const listed = await listDatasets(host, dataset, io.signal);
    const volumes = listed.filter(({ type }) => type === 'volume').map((one) => one.name);
    const found = datasetsWith(await listSnapshots(host, dataset, io.signal), name);
    return found.filter((one) => !volumes.includes(one));
  };

  await makeSnapshot({ host, guard, dataset, name: base, recursive: true, signal: io.signal });
  await guard.unlock();
  await hold(base);
  const sent = (await having(base)).map((name) => planned(plan, name));
  if (sent.length === 0) throw vanished(where, dataset);
  await sender.announce(sent, base);
  const guids = new Map<string, string | null>();
  for (const one of sent) guids.set(one.dataset, await sender.send(one, 'base', base, { fromGuid: null }));

  let downtimeMs: number | undefined;
  if (plan.stops) {
    downtimeMs = await snapshotStopped({ host, guard, plan, io }, warn);
    await guard.unlock();
    await hold(last);
    const [before, after] = [await having(base), await having(last)];
    for (const one of sent) {
      if (!before.includes(one.dataset) || !after.includes(one.dataset)) throw vanished(where, one.dataset);
    }
    const late = after.filter((name) => !guids.has(name));
    if (late.length > 0)
      warn(`made after the first snapshot, and not sent: ${late.join(', ')}; run it again to have them`);
    await sender.announce(sent, last, base);
    for (const one of sent) {
      await sender.send(one, 'incremental', last, { fromGuid: guids.get(one.dataset) ?? null }, base);
    }
  }
  await sender.member(
    'snapshots.yml',
    Buffer.from(`${JSON.stringify(plan.stops ? [base, last] : [base])}\n`),
  );
  return { sentBytes: sender.sentBytes, payloads: sender.payloads, warnings, downtimeMs };
}

/** Stop, snapshot, start at once. Returns how long it was down; undefined: it had been halted from inside meanwhile. */
async function snapshotStopped(
  { host, guard, plan, io }: Pick<TransferOptions, 'host' | 'guard' | 'plan' | 'io'>,
  warn: (text: string) => void,
): Promise<number | undefined> {
  const { ctid, dataset, last } = plan;
  const snapshot = { host, guard, dataset, name: last, recursive: true, signal: io.signal };
  // One that reboots is started by vzctl, which needs the lock.
  const runsOrReturns = async (): Promise<boolean> => {
    for (let tries = 0; !(await readStatus(host, ctid, io.signal)).running; tries += 1) {
      if (tries === REBOOT_TRIES) return false;
      await guard.unlock();
      await sleep(REBOOT_MS, undefined, { signal: io.signal });
      await lockAgain(guard, plan.waitMs, io);
    }
    return true;
  };
  await lockAgain(guard, plan.waitMs, io);
  if (!(await runsOrReturns())) {
    await readUsableStatus(host, ctid, io.signal);
    warn('was halted meanwhile, and stays down');
    await makeSnapshot(snapshot);
    return undefined;
  }
  const stoppedMs = performance.now();
  io.log.info(`ct ${ctid}: stopping`);
  await guard.stop();
  io.signal.throwIfAborted();
  await makeSnapshot(snapshot);
  await guard.startAgain();
  const downtimeMs = performance.now() - stoppedMs;
  io.log.info(`ct ${ctid}: runs again; what has changed is sent now`);
  return downtimeMs;
}

function planned(plan: TransferPlan, dataset: string): PlannedDataset {
  const known = plan.datasets.find((one) => one.dataset === dataset);
  return known ?? { dataset, prefix: memberPrefix(plan.dataset, dataset), gzip: plan.gzipOfOthers };
}

function vanished(where: string, dataset: string): VzError {
  return new VzError('DATASET_VANISHED', {
    exit: EXIT.io,
    where,
    what: `${dataset} or its snapshot vanished while it was sent`,
    hint: 'look at who destroyed or renamed it, and run it again',
  });
}

/** A container that reboots is back within this, or was halted. */
const REBOOT_TRIES = 4;
const REBOOT_MS = 2000;

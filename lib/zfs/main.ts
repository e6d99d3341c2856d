import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { openProgress, progressMode } from '../cli/progress.ts';
import { readOneDocument } from '../cli/stage.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT } from '../errors.ts';
import { compression, guardSeconds, stallMs } from '../export/flags.ts';
import { exportZfs } from './export.ts';
import type { RawOptions } from './raw.ts';
import { sendRaw } from './raw.ts';
import { verifyStream } from './verify.ts';

/** The program vz-zfs-stream: a document's datasets as a bundle stream, one bare stream, or only its check. */
export async function vzZfsStream(flags: Flags, io: Io): Promise<ExitCode> {
  const raw = flags.on('raw');
  const verifies = flags.on('verify');
  const dryRun = flags.on('dry-run');
  if (raw || verifies) refuseOthers(flags, verifies ? '--verify' : '--raw');
  const one = rawOptions(flags, raw && !verifies);
  if (io.stdoutIsTty && !dryRun && (raw || !verifies))
    throw usage('stdout is a terminal', 'pipe it into osctl-bundle, or use -n');
  if (verifies) {
    if (io.stdinIsTty) throw usage('--verify: expected a send stream on stdin, which is a terminal');
    await verifyStream(io, { raw, progress: openProgress(flags, io, 'verified') });
  } else if (one) {
    await sendRaw(one, openProgress(flags, io, `${one.dataset}@${one.snapshot}`), io);
  } else {
    const options = {
      compression: compression(flags),
      level: flags.integer('level', { min: 1, max: 9 }),
      consistent: flags.on('consistent', true),
      maxDowntimeMs: flags.durationMs('max-downtime'),
      stallMs: stallMs(flags),
      waitMs: flags.durationMs('wait') ?? 0,
      progress: progressMode(flags.text('progress'), io),
      dryRun,
      guardSeconds: guardSeconds(io.env),
    };
    await exportZfs(await readOneDocument(io, 'osctl-container'), options, io);
  }
  return EXIT.ok;
}

/** What is said of an export would be ignored without a word. */
function refuseOthers(flags: Flags, by: string): void {
  const valued = ['max-downtime', 'stall', 'wait', 'compression', 'level'];
  const streams = by === '--verify' ? ['dataset', 'snapshot', 'from'] : [];
  const other = [...valued, ...streams].find((name) => flags.text(name) !== undefined);
  if (other !== undefined) throw usage(`--${other}: not with ${by}`);
  if (flags.on('consistent') || !flags.on('consistent', true)) throw usage(`--consistent: not with ${by}`);
  if (by === '--verify' && flags.on('dry-run'))
    throw usage('--dry-run: not with --verify, which changes nothing');
}

/** Undefined: no bare stream is asked for. Snapshots are taken with and without their `@`. */
function rawOptions(flags: Flags, raw: boolean): RawOptions | undefined {
  const given = ['dataset', 'snapshot', 'from'].find((name) => flags.text(name) !== undefined);
  if (!raw) {
    if (given !== undefined) throw usage(`--${given}: only with --raw`);
    return undefined;
  }
  const [dataset, snapshot] = [flags.text('dataset'), flags.text('snapshot')];
  if (dataset === undefined || snapshot === undefined)
    throw usage(
      '--raw: expected --dataset and --snapshot',
      'without --raw, a document on stdin says what to send',
    );
  if (/^-|[@#\n]/.test(dataset)) throw usage(`--dataset: ${JSON.stringify(dataset)} is no dataset`);
  if (flags.on('dry-run')) throw usage('--dry-run: not with --raw, which changes nothing');
  return { dataset, snapshot: bare(snapshot, 'snapshot'), from: bareOr(flags.text('from')) };
}

function bareOr(name: string | undefined): string | undefined {
  return name === undefined ? undefined : bare(name, 'from');
}

function bare(name: string, flag: string): string {
  const text = name.replace(/^@/, '');
  if (text === '' || /[@/\n]/.test(text))
    throw usage(`--${flag}: expected the snapshot's name alone, got ${JSON.stringify(name)}`);
  return text;
}

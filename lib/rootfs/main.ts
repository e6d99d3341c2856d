import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { progressMode } from '../cli/progress.ts';
import { readOneDocument } from '../cli/stage.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT } from '../errors.ts';
import { compressAt, compression, guardSeconds, stallMs } from '../export/flags.ts';
import { exportRootfs } from './export.ts';

/** The program vz-rootfs-tar: flags to options, one document from stdin. */
export async function vzRootfsTar(flags: Flags, io: Io): Promise<ExitCode> {
  const dryRun = flags.on('dry-run');
  if (io.stdoutIsTty && !dryRun) throw usage('stdout is a terminal', 'pipe it into osctl-bundle, or use -n');
  const options = {
    compression: compression(flags),
    level: flags.integer('level', { min: 0, max: 9 }),
    consistent: flags.on('consistent', true),
    ploopSnapshot: flags.on('ploop-snapshot', true),
    excludes: flags.list('exclude'),
    compressAt: compressAt(flags),
    raw: flags.on('raw'),
    maxDowntimeMs: flags.durationMs('max-downtime'),
    stallMs: stallMs(flags) ?? DEFAULT_STALL_MS,
    waitMs: flags.durationMs('wait') ?? 0,
    progress: progressMode(flags.text('progress'), io),
    dryRun,
    guardSeconds: guardSeconds(io.env),
  };
  const document = await readOneDocument(io, 'osctl-container');
  const { offline } = document.source;
  if (offline === null) await exportRootfs(document, options, io);
  else await (await import('./offline/export.ts')).exportOffline(document, offline, options, io);
  return EXIT.ok;
}

const DEFAULT_STALL_MS = 60_000;

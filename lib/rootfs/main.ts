import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { readOneDocument } from '../cli/stage.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT } from '../errors.ts';
import { exportRootfs } from './export.ts';

/** The program vz-rootfs-tar: flags to options, one document from stdin. */
export async function vzRootfsTar(flags: Flags, io: Io): Promise<ExitCode> {
  const dryRun = flags.on('dry-run');
  if (io.stdoutIsTty && !dryRun) throw usage('stdout is a terminal', 'pipe it into osctl-bundle, or use -n');
  const options = {
    compression: compression(flags.text('compression')),
    level: flags.integer('level', { min: 0, max: 9 }),
    consistent: flags.on('consistent', true),
    excludes: flags.list('exclude'),
    raw: flags.on('raw'),
    maxDowntimeMs: flags.durationMs('max-downtime'),
    stallMs: stallMs(flags),
    waitMs: flags.durationMs('wait') ?? 0,
    dryRun,
    guardSeconds: guardSeconds(io.env),
  };
  const document = await readOneDocument(io, 'osctl-container');
  await exportRootfs(document, options, io);
  return EXIT.ok;
}

/** Below a second, a pipe that is merely full for a moment would end the run. */
function stallMs(flags: Flags): number {
  const duration = flags.durationMs('stall') ?? DEFAULT_STALL_MS;
  if (duration < 1000) throw usage('--stall: expected at least 1s');
  return duration;
}

function compression(text: string | undefined): 'auto' | 'gzip' | 'off' {
  return text === 'gzip' || text === 'off' ? text : 'auto';
}

/** VZ2OSCTL_GUARD_SECONDS: how long the guard waits for a sign of life; 30 where it is not set. */
function guardSeconds(env: NodeJS.ProcessEnv): number {
  const text = env['VZ2OSCTL_GUARD_SECONDS'];
  if (text === undefined) return DEFAULT_GUARD_SECONDS;
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3600) {
    throw usage('VZ2OSCTL_GUARD_SECONDS: expected seconds from 1 to 3600', '');
  }
  return seconds;
}

const DEFAULT_STALL_MS = 60_000;
const DEFAULT_GUARD_SECONDS = 30;

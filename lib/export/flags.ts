import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { CompressAt } from './compress-at.ts';
import type { CompressionOptions } from './compressor.ts';

/** `--stall`; undefined: not given. Below a second, a pipe that is merely full for a moment would end the run. */
export function stallMs(flags: Flags): number | undefined {
  const duration = flags.durationMs('stall');
  if (duration !== undefined && duration < 1000) throw usage('--stall: expected at least 1s');
  return duration;
}

export function compression(flags: Flags): CompressionOptions['compression'] {
  const text = flags.text('compression');
  return text === 'gzip' || text === 'off' ? text : 'auto';
}

export function compressAt(flags: Flags): CompressAt {
  const text = flags.text('compress-at');
  return text === 'here' || text === 'source' ? text : 'auto';
}

/** VZ2OSCTL_GUARD_SECONDS: how long the guard waits for a sign of life; 30 where it is not set. */
export function guardSeconds(env: NodeJS.ProcessEnv): number {
  const text = env['VZ2OSCTL_GUARD_SECONDS'];
  if (text === undefined) return DEFAULT_GUARD_SECONDS;
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3600) {
    throw usage('VZ2OSCTL_GUARD_SECONDS: expected seconds from 1 to 3600', '');
  }
  return seconds;
}

const DEFAULT_GUARD_SECONDS = 30;

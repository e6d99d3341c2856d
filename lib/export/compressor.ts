/** A gzip program to run beside tar, or zlib in this process. */
export type Compressor =
  | { readonly kind: 'program'; readonly argv: readonly string[] }
  | { readonly kind: 'zlib'; readonly level: number };

export interface CompressionOptions {
  /** `off` is gzip level 0: osctld always runs `tar -xz`. */
  readonly compression: 'auto' | 'gzip' | 'off';
  /** 0 to 9; undefined: 1. */
  readonly level: number | undefined;
}

/**
 * Chooses the fastest gzip for a level among the programs of the node. All write one gzip member: a payload of
 * several could be cut between two without osctld noticing. igzip knows levels 0 to 3 only, and no stored blocks.
 */
export function chooseCompressor(available: readonly string[], options: CompressionOptions): Compressor {
  const level = options.compression === 'off' ? 0 : (options.level ?? DEFAULT_LEVEL);
  if (level === 0) return { kind: 'zlib', level };
  if (level <= 3 && available.includes('igzip'))
    return { kind: 'program', argv: ['igzip', `-${level}`, '-c'] };
  const program = ['pigz', 'gzip'].find((name) => available.includes(name));
  return program ? { kind: 'program', argv: [program, `-${level}`, '-n', '-c'] } : { kind: 'zlib', level };
}

/** For a log line. */
export function describeCompressor(compressor: Compressor): string {
  if (compressor.kind === 'program') return compressor.argv.slice(0, 2).join(' ');
  return compressor.level === 0 ? 'gzip level 0' : `zlib level ${compressor.level} in this process`;
}

/** More costs a multiple of the time for a few percent. */
const DEFAULT_LEVEL = 1;

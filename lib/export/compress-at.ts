import { EXIT, VzError } from '../errors.ts';
import type { CompressionOptions, Compressor } from './compressor.ts';
import { chooseCompressor, describeCompressor } from './compressor.ts';

export type CompressAt = 'auto' | 'here' | 'source';

/** Beside tar on the container's node, or on this machine as the data arrives. */
export type Compression =
  | { readonly at: 'source'; readonly argv: readonly string[] }
  | { readonly at: 'here'; readonly compressor: Compressor };

export interface Choice extends CompressionOptions {
  readonly compressAt: CompressAt;
  /** The node, for messages; null: it is this machine. */
  readonly remote: string | null;
  /** gzip programs of the node, and of this machine. */
  readonly source: readonly string[];
  readonly here: readonly string[];
}

/**
 * Chooses where a tar is packed, and says so in a line. `auto`: on the node when it has a fast gzip (igzip, pigz), so that
 * less crosses the link; else here when this machine has one; else on the node when it has any. Throws VzError (69) when
 * it shall be on the node, which has none.
 */
export function chooseCompression(choice: Choice): { compression: Compression; text: string } {
  const { compressAt, remote, source } = choice;
  const label = remote ?? 'this machine';
  const [there, own] = [chooseCompressor(source, choice), chooseCompressor(choice.here, choice)];
  const here = (why: string): ReturnType<typeof chooseCompression> => ({
    compression: { at: 'here', compressor: own },
    text: `compressed here with ${describeCompressor(own)}: ${why}`,
  });
  if (own.kind === 'zlib' && own.level === 0) return here('only stored, so it does not matter where');
  if (compressAt === 'here') return here('--compress-at');
  if (there.kind === 'zlib') {
    if (compressAt === 'source') throw noProgram(label);
    return here(`${label} has no gzip program`);
  }
  const onNode = (why: string): ReturnType<typeof chooseCompression> => ({
    compression: { at: 'source', argv: there.argv },
    text: `compressed on ${label} with ${describeCompressor(there)}: ${why}`,
  });
  if (compressAt === 'source') return onNode('--compress-at');
  if (remote === null) return onNode('the fastest that it has for the level');
  if (isFast(there)) return onNode(`it has ${there.argv[0]}, and less crosses the link`);
  if (isFast(own)) return here(`${label} has only gzip`);
  return onNode('less crosses the link');
}

function isFast(compressor: Compressor): boolean {
  return compressor.kind === 'program' && compressor.argv[0] !== 'gzip';
}

function noProgram(label: string): VzError {
  return new VzError('NO_GZIP', {
    exit: EXIT.unavailable,
    where: label,
    what: '--compress-at source: no gzip, pigz or igzip there',
    hint: 'leave it to --compress-at auto',
  });
}

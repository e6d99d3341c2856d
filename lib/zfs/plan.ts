import type { SshTarget } from '../documents/source.ts';
import type { CompressionOptions, Compressor } from '../export/compressor.ts';
import { onNode } from '../export/on-node.ts';
import { HOLD_TAG } from '../export/zfs-snapshots.ts';
import { quoteArgv } from '../host/quote.ts';

/**
 * Flags of `zfs send`, the same for all streams of one export: an increment of a stream with large blocks has to have
 * them, too. Of what the node's zfs has: L large blocks, e embedded data, c blocks as they lie on the disk. Never -p or
 * -R, which would set properties of the source on the target.
 */
export function sendFlags(known: readonly string[], compressedSend: boolean): string[] {
  const wanted = ['L', 'e', ...(compressedSend ? ['c'] : [])];
  const flags = wanted.filter((letter) => known.includes(letter));
  return flags.length === 0 ? [] : [`-${flags.join('')}`];
}

/** The command that sends one snapshot, whole or (`from`) as what has changed since another. */
export function sendCommand(
  flags: readonly string[],
  dataset: string,
  name: string,
  from?: string,
): string[] {
  return [
    ...['zfs', 'send', ...flags],
    ...(from === undefined ? [] : ['-i', `@${from}`]),
    `${dataset}@${name}`,
  ];
}

/** `auto`: gzip, unless the blocks are sent compressed as they lie on the disk. */
export function isGzipped(
  how: CompressionOptions['compression'],
  { flags, property }: { readonly flags: readonly string[]; readonly property: string },
): boolean {
  if (how !== 'auto') return how === 'gzip';
  const isSentCompressed = flags.some((flag) => flag.includes('c')) && property !== 'off';
  return !isSentCompressed;
}

export interface DryRun {
  /** How the node is reached; null: it is this machine. */
  readonly host: SshTarget | null;
  readonly ctid: string;
  readonly dataset: string;
  /** Parents first, with the names of what their streams are written to. */
  readonly streams: readonly { readonly dataset: string; readonly prefix: string; readonly gzip: boolean }[];
  readonly flags: readonly string[];
  readonly compressor: Compressor;
  readonly base: string;
  readonly last: string;
  readonly stops: boolean;
}

/** The run as lines to paste. */
export function dryRun(plan: DryRun): string {
  const { ctid, dataset, streams, flags, compressor, base, last, stops } = plan;
  const far = onNode(plan.host);
  const zfs = (...words: string[]): string => far(quoteArgv(['zfs', ...words]));
  const snapshot = (name: string): string => zfs('snapshot', '-r', `${dataset}@${name}`);
  const hold = (name: string): string => zfs('hold', '-r', HOLD_TAG, `${dataset}@${name}`);
  const remove = (name: string): string[] => [
    zfs('release', '-r', HOLD_TAG, `${dataset}@${name}`),
    zfs('destroy', '-r', `${dataset}@${name}`),
  ];
  const gzip = compressor.kind === 'program' ? quoteArgv(compressor.argv) : `gzip -${compressor.level} -n -c`;
  const directories = quoteArgv(['mkdir', '-p', ...streams.map(({ prefix }) => prefix)]);
  const send = (member: string, name: string, from?: string): string[] =>
    streams.map((stream) => {
      const command = far(quoteArgv(sendCommand(flags, stream.dataset, name, from)));
      const file = `${stream.prefix}${member}.dat`;
      return stream.gzip ? `${command} | ${gzip} > ${file}.gz` : `${command} > ${file}`;
    });
  const lines = [directories, snapshot(base), hold(base), ...send('base', base)];
  if (stops) {
    lines.push(far(`vzctl stop ${ctid}`), snapshot(last), far(`vzctl start ${ctid}`), hold(last));
    lines.push(...send('incremental', last, base), ...remove(last));
  }
  return `${[...lines, ...remove(base)].join('\n')}\n`;
}

import type { NodeFacts } from '../documents/facts.ts';
import { EXIT, VzError } from '../errors.ts';

export type TarAbilities = NonNullable<NodeFacts['programs']['tar']>;

/**
 * The GNU tar command that packs a root filesystem, with what the node's tar can do (1.23 of RHEL 6 knows --xattrs by
 * Red Hat's patch, Debian 6 and 7's does not; --xattrs-include is newer than both, and for packing not needed: what
 * is not masked is stored).
 *
 * - Owners are numeric: osctld's tar would map names through the node's own passwd.
 * - One file system: what is mounted below is not the container's.
 * - /dev's contents are left out: the target makes its own, and a guest there cannot mknod.
 * - PAX headers without atime and ctime: these would cost 1 KiB a file.
 *
 * `excludes` are patterns of paths below the root, with or without a leading slash; `*` matches slashes too.
 */
export function tarCommand(path: string, abilities: TarAbilities, excludes: readonly string[]): string[] {
  return [
    ...['tar', '-C', path, '--numeric-owner', '--one-file-system', '--format=posix'],
    '--pax-option=delete=atime,delete=ctime',
    ...(abilities.sparse ? ['--sparse'] : []),
    ...(abilities.xattrs ? ['--xattrs'] : []),
    ...['--anchored', '--wildcards', '--exclude=./dev/*'],
    ...excludes.map((pattern) => `--exclude=./${pattern.replace(/^(\.?\/)+/, '')}`),
    ...['-cf', '-', '.'],
  ];
}

/** The same command, which says on stderr how far it is: its output is compressed before anybody can count it. */
export function withCheckpoints([tar = '', ...args]: readonly string[]): string[] {
  return [tar, `--checkpoint=${CHECKPOINT_RECORDS}`, ...args];
}

/** How many bytes tar has packed, by a line of its stderr; undefined: it is about something else. */
export function checkpointBytes(line: string): number | undefined {
  const records = /^(?:\S*\/)?tar: Write checkpoint (\d+)$/.exec(line)?.[1];
  return records === undefined ? undefined : Number(records) * RECORD_BYTES;
}

/** tar's exit status, 0 aside, of a container that nobody should be changing; 1: "some files differ" (tar's manual, "Return codes"). */
export function tarFailed(status: number, where: string, hint: string): VzError {
  const what =
    status === 1
      ? 'files changed while they were read, though the container is stopped'
      : `tar exited with ${status}`;
  return new VzError('TAR_FAILED', { exit: EXIT.io, where, what, hint });
}

/** Twenty blocks, tar's default. */
const RECORD_BYTES = 10_240;
/** One in about 4 MiB. */
const CHECKPOINT_RECORDS = 400;

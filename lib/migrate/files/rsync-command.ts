import { EXIT, VzError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { inOrder, run as runOn } from '../../host/run.ts';
import type { Run } from '../run.ts';
import { rootOf } from './node-script.ts';

/** What one end's rsync is. */
export interface RsyncAbilities {
  readonly version: readonly [number, number];
  readonly acls: boolean;
}

/** Asks a host's rsync. Throws VzError (69) when there is none. */
async function askRsync(host: Host): Promise<RsyncAbilities> {
  const { code, stdout } = await runOn(host, ['rsync', '--version']);
  const text = stdout.toString();
  const [, major, minor] = /^rsync\s+version v?(\d+)\.(\d+)/m.exec(text) ?? [];
  if (code === 0 && major !== undefined && minor !== undefined) {
    return { version: [Number(major), Number(minor)], acls: /(?<!no )\bACLs\b/.test(text) };
  }
  throw new VzError('NO_RSYNC', {
    exit: EXIT.unavailable,
    where: host.label,
    what: 'no rsync there, which every pass behind the first needs',
    hint: 'install it, and run this again',
  });
}

/** Of both ends. */
export interface Rsyncs {
  /** The new node's. */
  readonly client: RsyncAbilities;
  readonly sender: RsyncAbilities;
}

/** Throws as `askRsync`. */
export async function askRsyncs(run: Run): Promise<Rsyncs> {
  const [client, sender] = await inOrder(askRsync(rootOf(run)), askRsync(run.source));
  return { client, sender };
}

export interface RsyncQuestion extends Rsyncs {
  readonly path: string;
  /** Patterns of paths below the root, as tar has them. */
  readonly excludes: readonly string[];
}

/**
 * The two ends of an rsync whose bytes we carry. The sender's words are ours, as the client would send them.
 *
 * - Whole files beside the old ones, never `--inplace`: of a name that was a hard link when it came last, and is none any
 *   more, the other name would be overwritten as well.
 * - One file system, /dev without its contents, and owners by number: as tar has it.
 * - ACLs where both ends know them.
 */
export function rsyncCommands({ client, sender, path, excludes }: RsyncQuestion): {
  readonly client: readonly string[];
  readonly sender: readonly string[];
} {
  const acls = client.acls && sender.acls;
  const patterns = ['/dev/*', ...excludes.map((pattern) => `/${pattern.replace(/^(\.?\/)+/, '')}`)];
  return {
    client: [
      ...['rsync', acls ? '-aHAXSx' : '-aHXSx', '--numeric-ids', '--delete', '--blocking-io'],
      `--timeout=${SILENCE_SECONDS}`,
      ...patterns.map((pattern) => `--exclude=${pattern}`),
      // Only shown: the client dials nobody.
      'relay:/',
    ],
    sender: [
      ...['rsync', '--server', '--sender', `-lHogDtp${acls ? 'A' : ''}XrxSe.${capabilities(client.version)}`],
      ...['--numeric-ids', `--timeout=${SILENCE_SECONDS}`, '.', `${path}/`],
    ],
  };
}

/**
 * The letters by which a client tells a sender what it understands (options.c, compat.c): one too many, and it gets what it
 * cannot read; the sender says which of them count, so one too few costs a feature. `i`: the list of files comes bit by
 * bit, and never is in memory as a whole.
 */
function capabilities([major, minor]: RsyncAbilities['version']): string {
  if (major < 3 || (major === 3 && minor < 1)) return 'iL';
  return major === 3 && minor < 2 ? 'iLsf' : 'iLsfxCIv';
}

/** A sender that compares a large file says nothing for a while, but not for so long. */
const SILENCE_SECONDS = 300;

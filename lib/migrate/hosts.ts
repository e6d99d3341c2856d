import type { Io } from '../cli/io.ts';
import type { VzMigration } from '../documents/documents.ts';
import type { HostKeyChecking, SshTarget } from '../documents/source.ts';
import type { Host } from '../host/host.ts';
import { openForcedHost, openHost } from '../host/open.ts';
import { sshLogin } from '../host/ssh-arguments.ts';
import { loggedHost } from '../source/logged-host.ts';
import { RECEIVE_USER } from './new-migration.ts';
import type { Run } from './run.ts';

export interface HostOptions {
  readonly hostKeyChecking: HostKeyChecking;
  /** What no log may hold, nor a command line of this machine; undefined: none. */
  readonly secret: string | undefined;
  /** Somebody wants ssh(1) to have the secret all the same. */
  readonly showsSecret: boolean;
  readonly io: Io;
}

/** The hosts of a migration. Every command on them goes to the log file, and with -v to stderr. */
export function openHosts(
  { container, destination }: VzMigration,
  { hostKeyChecking, secret, showsSecret, io }: HostOptions,
): Pick<Run, 'source' | 'root' | 'streams' | 'receive' | 'login'> {
  const { log } = io;
  const say = (line: string): void =>
    log.detail(secret === undefined ? line : line.replaceAll(secret, '(passphrase)'));
  const warn = (line: string): void => log.warning(line);
  const open = (target: SshTarget | null, shared?: AbortSignal): Run['source'] =>
    loggedHost(openHost(target, warn, shared), say);
  // Nothing is broken off because a run is.
  const shared = new AbortController().signal;
  const root: SshTarget = { ...destination.host, hostKeyChecking };
  return {
    source: open(container.source.host, shared),
    root: destination.rootSession ? open(root, shared) : null,
    streams: {
      source: open(container.source.host),
      root: destination.rootSession ? open(root) : null,
    },
    receive:
      destination.via === 'receive'
        ? loggedHost(
            openReceiver(
              { ...root, user: RECEIVE_USER },
              { secret: showsSecret ? undefined : secret, warn, shared },
            ),
            say,
          )
        : null,
    login: rootLogin(destination),
  };
}

/**
 * The receiving user's key has a command of its own. The words for it are arguments of ssh(1), which every user of this machine
 * sees in ps(1): those with a secret go by the built-in client, and all else, data above all, as it was asked for.
 */
function openReceiver(
  target: SshTarget,
  {
    secret,
    warn,
    shared,
  }: {
    readonly secret: string | undefined;
    readonly warn: (line: string) => void;
    readonly shared: AbortSignal;
  },
): Host {
  const host = openForcedHost(target, warn, shared);
  if (secret === undefined || target.client === 'builtin') return host;
  const unseen = openForcedHost({ ...target, client: 'builtin' }, warn, shared);
  return {
    ...host,
    spawn: (argv, options) => (argv.includes(secret) ? unseen : host).spawn(argv, options),
  };
}

/** The command that gets a root shell on the new node, for people. */
export function rootLogin({ host, rootSession }: VzMigration['destination']): string {
  return sshLogin(rootSession ? host : { ...host, user: 'root' });
}

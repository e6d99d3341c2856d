import type { SshTarget } from '../documents/source.ts';
import { EXIT, VzError } from '../errors.ts';
import { KEY_CHANGED_HINT, KEY_REVOKED_HINT, keyUnknownHint, LEGACY_HINT } from './hints.ts';
import type { Exit, Host } from './host.ts';
import { localHost } from './local.ts';
import { labelOf, remoteCommand, remoteHost } from './remote.ts';
import { describeExit, run } from './run.ts';
import { type SshCommand, shareConnection } from './share.ts';
import { hasLegacy, sshArguments, sshQuery } from './ssh-arguments.ts';

/** ssh(1): "exits with the exit status of the remote command or with 255 if an error occurred". */
const SSH_FAILED = 255;

/**
 * A machine reached by the user's own `ssh`: ssh_config, ProxyJump, agent and ControlMaster just work. Host keys are
 * checked whatever ssh_config says; see `sshArguments`. `warn` gets what people must know though all went well.
 * With `looks`, all commands go through one connection, and end when it is aborted. `commandLine` makes of an argv what the
 * server is given.
 */
export function openSshHost(
  target: SshTarget,
  warn: (line: string) => void,
  looks?: AbortSignal,
  commandLine = remoteCommand,
): Host {
  const label = labelOf(target);
  const ssh: SshCommand = looks ? shareConnection(target) : (args) => ['ssh', ...args];
  return remoteHost(label, (argv, given = {}) => {
    const options = looks ? { signal: looks, ...given } : given;
    const command = ssh([...sshArguments(target), ...PATIENCE, '--', target.name, commandLine(argv)]);
    const onStderrLine = (line: string): void => {
      if (target.hostKeyChecking === 'accept-new' && KEY_ADDED.test(line)) warn(`${label}: ${line.trim()}`);
      options.onStderrLine?.(line);
    };
    const child = localHost.spawn(command, { ...options, onStderrLine });
    let isKilled = false;
    const done = child.done.then(async (exit): Promise<Exit> => {
      if (exit.code !== SSH_FAILED) return exit;
      // That is how ssh says that it was told to end.
      if (isKilled || options.signal?.aborted) return { ...exit, code: null, signal: 'SIGTERM' };
      throw sshFailure(exit, target, await ourOffer(exit.stderr, target));
    });
    done.catch(() => {});
    const kill = (): Promise<void> => {
      isKilled = true;
      return child.kill();
    };
    return { ...child, done, kill };
  });
}

function sshFailure(exit: Exit, target: SshTarget, ours: string | null): VzError {
  const denied =
    /permission denied|host key verification failed|no matching host key|too many authentication/i;
  return new VzError(wasConnected(exit) ? 'HOST_UNREACHABLE' : 'NOT_CONNECTED', {
    exit: denied.test(exit.stderr) ? EXIT.noPermission : EXIT.unavailable,
    where: labelOf(target),
    what: `ssh ${describeExit(exit)}${ours === null ? '' : `; we offer ${ours}`}`,
    hint: hintFor(exit.stderr, target),
  });
}

/** A shared connection that broke may have passed the command on, and a new one is tried then. */
function wasConnected({ stderr }: Exit): boolean {
  return !NOT_CONNECTED.test(stderr) || /^mux_client_/m.test(stderr);
}

/** What to do about messages of ssh (sshconnect.c, kex.c), which do not say it themselves. */
function hintFor(stderr: string, target: SshTarget): string | undefined {
  // A key that has changed or is revoked is another matter than one that nobody has seen yet; all end alike.
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(stderr)) return KEY_CHANGED_HINT;
  if (/REVOKED HOST KEY DETECTED/.test(stderr)) return KEY_REVOKED_HINT;
  if (/host key verification failed/i.test(stderr)) return keyUnknownHint(target);
  const theirs = /no matching [^.]* found\. Their offer: (\S+)/.exec(stderr)?.[1];
  return theirs !== undefined && !target.legacy && hasLegacy(theirs.split(',')) ? LEGACY_HINT : undefined;
}

/** For "no matching …", of which ssh shows the server's side only: what ssh_config and our flags come to. */
async function ourOffer(stderr: string, target: SshTarget): Promise<string | null> {
  const kind = /no matching (host key type|key exchange method|cipher|MAC) found/.exec(stderr)?.[1] ?? '';
  const keyword = OFFER_KEYWORDS[kind];
  if (keyword === undefined) return null;
  const { stdout } = await run(localHost, sshQuery(target));
  return new RegExp(`^${keyword} (.*)$`, 'm').exec(stdout.toString())?.[1] ?? null;
}

const OFFER_KEYWORDS: Readonly<Record<string, string>> = {
  'host key type': 'hostkeyalgorithms',
  'key exchange method': 'kexalgorithms',
  cipher: 'ciphers',
  MAC: 'macs',
};

/** What ssh says where it never came to a login (sshconnect.c, kex.c), so that the command was not run. */
const NOT_CONNECTED =
  /^(?:ssh: (?:connect to host|Could not resolve hostname) |kex_exchange_identification: |Connection timed out during banner exchange)/m;

/** Without it, a node whose link is silent would be waited for for ever. */
const PATIENCE = ['-o', 'ConnectTimeout=30'];
const KEY_ADDED = /^Warning: Permanently added /;

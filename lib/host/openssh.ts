import type { SshTarget } from '../documents/source.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Exit, Host, HostProcess, SpawnOptions } from './host.ts';
import { localHost } from './local.ts';
import { quoteArgv } from './quote.ts';
import { LARGEST_FILE_BYTES, notRegular, tooLarge } from './read-file.ts';
import { describeExit, run } from './run.ts';

/** ssh(1): "exits with the exit status of the remote command or with 255 if an error occurred". */
const SSH_FAILED = 255;

/** A pipe would hang, a device never end. */
const NOT_REGULAR = 3;
const READ_FILE = `if [ -e "$1" ] && [ ! -f "$1" ]; then exit ${NOT_REGULAR}; fi; exec head -c "$2" -- "$1"`;

/**
 * A machine reached by the user's own `ssh`: ssh_config, ProxyJump, agent and ControlMaster just work. BatchMode,
 * since the programs of one pipe must not prompt at once; StrictHostKeyChecking=yes stands before the user's options
 * and so (ssh_config(5): the first value obtained is used) cannot be weakened by a config file.
 */
export function openSshHost(reference: SshTarget): Host {
  const label = labelOf(reference);
  const command = (argv: readonly string[]): string[] => [
    'ssh',
    ...sshArguments(reference),
    '--',
    reference.name,
    `LC_ALL=C exec ${quoteArgv(argv)}`,
  ];
  const spawn = (argv: readonly string[], options: SpawnOptions = {}): HostProcess => {
    const child = localHost.spawn(command(argv), options);
    const done = child.done.then((exit) => refuseSshFailure(exit, reference));
    done.catch(() => {});
    return { ...child, done };
  };
  const host: Host = {
    label,
    spawn,
    readFile: async (path, { maxBytes = LARGEST_FILE_BYTES } = {}) => {
      const where = `${label}: ${path}`;
      const result = await run(host, ['sh', '-c', READ_FILE, 'sh', path, String(maxBytes + 1)]);
      if (result.stdout.length > maxBytes) throw tooLarge(where, maxBytes);
      if (result.code === 0) return result.stdout;
      if (result.code === NOT_REGULAR) throw notRegular(where);
      return absent(result, label, path);
    },
    listDirectory: async (path) => {
      const result = await run(host, ['ls', '-A', '--', path]);
      if (result.code === 0) return result.stdout.toString().split('\n').filter(Boolean);
      return absent(result, label, path);
    },
  };
  return host;
}

/** The command for people that reaches the same machine in the same way: `ssh -p 2222 root@node`. */
export function sshLogin(reference: SshTarget): string {
  return quoteArgv(['ssh', ...connection(reference), labelOf(reference)]);
}

function labelOf({ user, name }: SshTarget): string {
  return user === null ? name : `${user}@${name}`;
}

function sshArguments(reference: SshTarget): string[] {
  const { user } = reference;
  return [
    '-T',
    ...['-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes', '-o', 'ServerAliveInterval=15'],
    ...(user === null ? [] : ['-l', user]),
    ...connection(reference),
    // After the user's own. Without it, a node whose link is silent would be waited for for ever.
    ...['-o', 'ConnectTimeout=30'],
  ];
}

function connection({ port, identity, options }: SshTarget): string[] {
  return [
    ...(port === null ? [] : ['-p', String(port)]),
    ...(identity === null ? [] : ['-i', identity]),
    ...options.flatMap((option) => ['-o', option]),
  ];
}

function refuseSshFailure(exit: Exit, reference: SshTarget): Exit {
  if (exit.code !== SSH_FAILED) return exit;
  const denied =
    /permission denied|host key verification failed|no matching host key|too many authentication/i;
  throw new VzError('HOST_UNREACHABLE', {
    exit: denied.test(exit.stderr) ? EXIT.noPermission : EXIT.unavailable,
    where: labelOf(reference),
    what: `ssh ${describeExit(exit)}`,
    hint: hostKeyHint(exit.stderr, reference),
  });
}

/** A key that has changed is another matter than one that nobody has seen yet (sshconnect.c, both end alike). */
function hostKeyHint(stderr: string, reference: SshTarget): string | undefined {
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(stderr)) {
    return 'the host key has CHANGED since known_hosts was written: was the node reinstalled, or does another machine answer? Only when you know: ssh-keygen -R, then add the new key';
  }
  if (!/host key verification failed/i.test(stderr)) return undefined;
  return `check the key's fingerprint and add it to known_hosts: ${sshLogin(reference)}`;
}

/** cat and ls of coreutils under LC_ALL=C say the text of ENOENT or EACCES last. */
function absent(exit: Exit, label: string, path: string): null {
  if (/: (No such file or directory|Not a directory)$/m.test(exit.stderr)) return null;
  const denied = /: Permission denied$/m.test(exit.stderr);
  throw new VzError(denied ? 'NOT_ALLOWED' : 'UNREADABLE', {
    exit: denied ? EXIT.noPermission : EXIT.io,
    where: `${label}: ${path}`,
    what: describeExit(exit),
  });
}

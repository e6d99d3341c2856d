import type { HostReference } from '../documents/source.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Exit, Host, HostProcess, SpawnOptions } from './host.ts';
import { localHost } from './local.ts';
import { quoteArgv } from './quote.ts';
import { describeExit, run } from './run.ts';

/** ssh(1): "exits with the exit status of the remote command or with 255 if an error occurred". */
const SSH_FAILED = 255;

/**
 * A machine reached by the user's own `ssh`: ssh_config, ProxyJump, agent and ControlMaster just work. BatchMode,
 * since the programs of one pipe must not prompt at once; StrictHostKeyChecking=yes stands before the user's options
 * and so (ssh_config(5): the first value obtained is used) cannot be weakened by a config file.
 */
export function openSshHost(reference: HostReference): Host {
  const label = reference.user === null ? reference.name : `${reference.user}@${reference.name}`;
  const command = (argv: readonly string[]): string[] => [
    'ssh',
    ...sshArguments(reference),
    '--',
    reference.name,
    `LC_ALL=C exec ${quoteArgv(argv)}`,
  ];
  const spawn = (argv: readonly string[], options: SpawnOptions = {}): HostProcess => {
    const child = localHost.spawn(command(argv), options);
    const done = child.done.then((exit) => refuseSshFailure(exit, label));
    done.catch(() => {});
    return { ...child, done };
  };
  const host: Host = {
    label,
    spawn,
    readFile: async (path) => {
      const result = await run(host, ['cat', '--', path]);
      if (result.code === 0) return result.stdout;
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

function sshArguments({ user, port, identity, options }: HostReference): string[] {
  return [
    '-T',
    ...['-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes', '-o', 'ServerAliveInterval=15'],
    ...(user === null ? [] : ['-l', user]),
    ...(port === null ? [] : ['-p', String(port)]),
    ...(identity === null ? [] : ['-i', identity]),
    ...options.flatMap((option) => ['-o', option]),
  ];
}

function refuseSshFailure(exit: Exit, label: string): Exit {
  if (exit.code !== SSH_FAILED) return exit;
  const denied =
    /permission denied|host key verification failed|no matching host key|too many authentication/i;
  throw new VzError('HOST_UNREACHABLE', {
    exit: denied.test(exit.stderr) ? EXIT.noPermission : EXIT.unavailable,
    where: label,
    what: `ssh ${describeExit(exit)}`,
    hint: /host key verification failed/i.test(exit.stderr)
      ? `check the key's fingerprint and add it to known_hosts: ssh ${label}`
      : undefined,
  });
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

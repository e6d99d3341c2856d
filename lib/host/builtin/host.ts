import type { SshTarget } from '../../documents/source.ts';
import { EXIT, VzError } from '../../errors.ts';
import type { Host } from '../host.ts';
import { labelOf, remoteCommand, remoteHost } from '../remote.ts';
import { channelProcess } from './channel-process.ts';
import type { Link } from './link.ts';

/**
 * A machine reached by the built-in client (ssh2), which needs no ssh here: one connection for all commands of this process,
 * however often the host is opened. Nothing is loaded, and no connection made, before the first command.
 * `looks` ends all commands. `commandLine` makes of an argv what the server is given.
 */
export function builtinHost(
  target: SshTarget,
  warn: (line: string) => void,
  looks?: AbortSignal,
  commandLine = remoteCommand,
): Host {
  const label = labelOf(target);
  const key = JSON.stringify(target);
  const link = async (): Promise<Link> => {
    const opened =
      links.get(key) ?? import('./link.ts').then((module) => new module.Link(target, label, warn));
    links.set(key, opened);
    return opened;
  };
  return remoteHost(label, (argv, given = {}) => {
    const options = looks ? { signal: looks, ...given } : given;
    const lostError = (reason: string | null): VzError =>
      lost(label, `${argv[0]} ended without an exit status${reason === null ? '' : ` (${reason})`}`);
    const opening = link().then((one) => one.run(commandLine(argv)));
    return channelProcess(opening, { ...options, lostError });
  });
}

function lost(where: string, what: string): VzError {
  return new VzError('HOST_UNREACHABLE', {
    exit: EXIT.unavailable,
    where,
    what: `the connection was lost: ${what}`,
  });
}

const links = new Map<string, Promise<Link>>();

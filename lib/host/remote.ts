import type { SshTarget } from '../documents/source.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Exit, Host } from './host.ts';
import { quoteArgv } from './quote.ts';
import { LARGEST_FILE_BYTES, notRegular, tooLarge } from './read-file.ts';
import { describeExit, run } from './run.ts';

/** A pipe would hang, a device never end. */
const NOT_REGULAR = 3;
const READ_FILE = `if [ -e "$1" ] && [ ! -f "$1" ]; then exit ${NOT_REGULAR}; fi; exec head -c "$2" -- "$1"`;

export function labelOf({ user, name }: SshTarget): string {
  return user === null ? name : `${user}@${name}`;
}

/** What the login shell at the other end is given: it replaces itself with exactly `argv`. */
export function remoteCommand(argv: readonly string[]): string {
  return `LC_ALL=C exec ${quoteArgv(argv)}`;
}

/** A host that is reached by commands only: files are read with stock programs. */
export function remoteHost(label: string, spawn: Host['spawn']): Host {
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

/** head and ls of coreutils under LC_ALL=C say the text of ENOENT or EACCES last. */
function absent(exit: Exit, label: string, path: string): null {
  if (/: (No such file or directory|Not a directory)$/m.test(exit.stderr)) return null;
  const denied = /: Permission denied$/m.test(exit.stderr);
  throw new VzError(denied ? 'NOT_ALLOWED' : 'UNREADABLE', {
    exit: denied ? EXIT.noPermission : EXIT.io,
    where: `${label}: ${path}`,
    what: describeExit(exit),
  });
}

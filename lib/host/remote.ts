import { randomUUID } from 'node:crypto';
import type { SshTarget } from '../documents/source.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Exit, Host } from './host.ts';
import { quoteArgv } from './quote.ts';
import { LARGEST_FILE_BYTES, notRegular, tooLarge } from './read-file.ts';
import { describeExit, type RunResult, run } from './run.ts';

/** A pipe would hang, a device never end. */
const NOT_REGULAR = 3;
const READ_FILE = `if [ -e "$1" ] && [ ! -f "$1" ]; then exit ${NOT_REGULAR}; fi; exec head -c "$limit" -- "$1"`;
/** Each file's bytes, and behind a mark that is in none of them, how head ended and what it said. */
const READ_AND_RUN = `mark=$1 limit=$2 count=$3
shift 3
exec 3>&1
while [ "$count" -gt 0 ]; do
  said=$({ ${READ_FILE}; } 2>&1 >&3 3>&-)
  printf '%s\\0%s\\0%s\\0' "$mark" "$?" "$said"
  shift
  count=$((count - 1))
done
exec 3>&-
exec "$@"`;

export function labelOf({ user, name }: SshTarget): string {
  return user === null ? name : `${user}@${name}`;
}

/** What the login shell at the other end is given: it replaces itself with exactly `argv`. */
export function remoteCommand(argv: readonly string[]): string {
  return `LC_ALL=C exec ${quoteArgv(argv)}`;
}

/**
 * What a key's own command (`command=` of sshd(8)) is given, which splits it at blanks and knows no quotes. Throws TypeError
 * for a word that would not come through, or that a shell would take for more, should the key have no command after all.
 */
export function plainCommand(argv: readonly string[]): string {
  for (const word of argv) {
    if (!/^[A-Za-z0-9_.:/-]+$/.test(word)) throw new TypeError(`no plain word: ${JSON.stringify(word)}`);
  }
  return argv.join(' ');
}

/** A host that is reached by commands only: files are read with stock programs. */
export function remoteHost(label: string, spawn: Host['spawn']): Host {
  const host: Host = {
    label,
    spawn,
    readFile: async (path, { maxBytes = LARGEST_FILE_BYTES } = {}) => {
      const argv = ['sh', '-c', `limit=$2; ${READ_FILE}`, 'sh', path, String(maxBytes + 1)];
      return readResult(await run(host, argv), { label, path, maxBytes });
    },
    readAndRun: async ({ paths, maxBytes, argv, signal }) => {
      const mark = randomUUID();
      const words = [mark, String(maxBytes + 1), String(paths.length), ...paths, ...argv];
      const script = ['sh', '-c', READ_AND_RUN, 'sh', ...words];
      const result = await run(host, script, signal ? { signal } : {});
      const files = new Map<string, RunResult>();
      let rest = result.stdout;
      for (const path of paths) {
        const end = rest.indexOf(`${mark}\0`);
        // Not even a shell: how that ended says why.
        if (end === -1) break;
        const codeAt = end + mark.length + 1;
        const saidAt = rest.indexOf(0, codeAt) + 1;
        const next = rest.indexOf(0, saidAt) + 1;
        const code = Number(rest.toString('latin1', codeAt, saidAt - 1));
        const stderr = rest.toString('utf8', saidAt, next - 1);
        files.set(path, { code, signal: null, stderr, stdout: rest.subarray(0, end) });
        rest = rest.subarray(next);
      }
      const file = async (path: string): Promise<Buffer | null> =>
        readResult(files.get(path) ?? result, { label, path, maxBytes });
      return { ...result, stdout: rest, file };
    },
    listDirectory: async (path) => {
      const result = await run(host, ['ls', '-A', '--', path]);
      if (result.code === 0) return result.stdout.toString().split('\n').filter(Boolean);
      return absent(result, label, path);
    },
  };
  return host;
}

interface Asked {
  readonly label: string;
  readonly path: string;
  readonly maxBytes: number;
}

/** What READ_FILE came to. */
function readResult(result: RunResult, { label, path, maxBytes }: Asked): Buffer | null {
  const where = `${label}: ${path}`;
  if (result.stdout.length > maxBytes) throw tooLarge(where, maxBytes);
  if (result.code === 0) return result.stdout;
  if (result.code === NOT_REGULAR) throw notRegular(where);
  return absent(result, label, path);
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

import type { DeepFacts } from '../documents/facts.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Exit, Host } from '../host/host.ts';
import { describeExit } from '../host/run.ts';
import { splitRecords } from './records.ts';

/**
 * Walks a container's tree once, with GNU find on the host: how many entries, how many bytes in files (hard links
 * once, as allocated: a hole costs nothing to copy), the highest ids and those that the target cannot hold, device nodes outside /dev. Stays on one file system, follows
 * no link but `path` itself, and needs constant memory. Entries that vanish meanwhile are no error. Throws VzError: 66
 * no such directory, 69 no GNU find, 77 not allowed to look, 74 another error of find.
 */
export async function walkTree(host: Host, path: string, signal?: AbortSignal): Promise<DeepFacts> {
  if (!path.startsWith('/')) throw new TypeError(`not an absolute path: ${path}`);
  const child = host.spawn(['find', '-H', `${path}/`, ...EXPRESSION], signal ? { signal } : {});
  const count = new Count();
  const records = splitRecords(child.stdout, (record) => count.add(record));
  const [exit] = await Promise.all([child.done, records]).catch((error: unknown) => {
    // The stream of a find that was told to end breaks off.
    signal?.throwIfAborted();
    throw error;
  });
  signal?.throwIfAborted();
  refuseBadExit(exit, host.label, path);
  return count.facts;
}

class Count {
  #files = 0;
  #sizeBytes = 0;
  #highestUid = 0;
  #highestGid = 0;
  readonly #foreignIds = { count: 0, examples: [] as string[] };
  readonly #deviceNodes = { count: 0, examples: [] as string[] };

  add(record: Buffer): void {
    const text = record.toString('utf8', 1);
    switch (record[0]) {
      case FILE: {
        const [uid, gid, blocks, links] = text.split(' ');
        this.#entry(uid, gid);
        // Each name of a file brings its share, so that the sum counts it once without remembering it.
        this.#sizeBytes += (Number(blocks) * FIND_BLOCK_BYTES) / Number(links);
        break;
      }
      case OTHER: {
        const [uid, gid] = text.split(' ');
        this.#entry(uid, gid);
        break;
      }
      case FOREIGN:
        note(this.#foreignIds, text);
        break;
      case DEVICE:
        // What lies in /dev itself is made anew on the target.
        if (!text.startsWith('dev/')) note(this.#deviceNodes, text);
        break;
      default:
        throw new VzError('BAD_OUTPUT', {
          exit: EXIT.unavailable,
          what: `find printed ${JSON.stringify(record.toString('latin1').slice(0, 40))}`,
        });
    }
  }

  #entry(uid: string | undefined, gid: string | undefined): void {
    this.#files += 1;
    this.#highestUid = Math.max(this.#highestUid, Number(uid));
    this.#highestGid = Math.max(this.#highestGid, Number(gid));
  }

  get facts(): DeepFacts {
    const decimals = ({ count, examples }: { count: number; examples: string[] }) => ({
      count: String(count),
      examples,
    });
    return {
      files: String(Math.max(0, this.#files - 1)),
      sizeBytes: String(Math.round(this.#sizeBytes)),
      foreignIds: decimals(this.#foreignIds),
      deviceNodes: decimals(this.#deviceNodes),
      highestUid: this.#highestUid,
      highestGid: this.#highestGid,
    };
  }
}

function note(found: { count: number; examples: string[] }, path: string): void {
  found.count += 1;
  if (found.examples.length < MAX_EXAMPLES) found.examples.push(path === '' ? '.' : path);
}

function refuseBadExit(exit: Exit, label: string, path: string): void {
  if (exit.code === 0) return;
  const lines = exit.stderr.trimEnd().split('\n');
  const isMissing = lines.some((line) => line.endsWith(`${path}/': No such file or directory`));
  const vanished = lines.every((line) => line.endsWith(': No such file or directory'));
  if (exit.code === 1 && vanished && !isMissing) return;
  const isDenied = lines.some((line) => line.endsWith(': Permission denied'));
  const noFind = exit.code === 127;
  throw new VzError(isMissing ? 'NO_PRIVATE_AREA' : isDenied ? 'NOT_ALLOWED' : 'WALK_FAILED', {
    exit: isMissing ? EXIT.noInput : isDenied ? EXIT.noPermission : noFind ? EXIT.unavailable : EXIT.io,
    where: label,
    what: isMissing ? `${path}: no such directory` : `find ${path} ${describeExit(exit)}`,
    hint: isDenied ? 'run as root' : undefined,
  });
}

const MAX_EXAMPLES = 20;

/** The first byte of a record. */
const FILE = 'f'.charCodeAt(0);
const OTHER = 'o'.charCodeAt(0);
const FOREIGN = 'i'.charCodeAt(0);
const DEVICE = 'd'.charCodeAt(0);

/** The unit of find's %b. */
const FIND_BLOCK_BYTES = 512;

/** Three tests on each entry (the comma of find(1)). The tree itself comes first, and its owner counts too. */
const EXPRESSION = [
  '-xdev',
  ...['(', '-type', 'f', '-printf', 'f%U %G %b %n\\0', '-o', '-printf', 'o%U %G\\0', ')'],
  ',',
  ...['(', '(', '-uid', '+65535', '-o', '-gid', '+65535', ')', '-printf', 'i%P\\0', ')'],
  ',',
  ...['(', '(', '-type', 'b', '-o', '-type', 'c', ')', '-printf', 'd%P\\0', ')'],
];

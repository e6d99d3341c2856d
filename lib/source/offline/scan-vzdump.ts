import type { DeepFacts } from '../../documents/facts.ts';
import { EXIT, VzError } from '../../errors.ts';
import { LARGEST_SCRIPT_BYTES } from '../action-scripts.ts';
import { LARGEST_CONFIG_BYTES } from '../config-file.ts';
import { readTar } from './tar-entries.ts';
import type { TarEntry } from './tar-header.ts';
import { type Wanted, wantedOf } from './wanted.ts';

/** What one reading of an archive finds. */
export interface VzdumpContents {
  /** Of the config. */
  readonly config: Buffer;
  /** By name: `mount`, `start`, … */
  readonly scripts: ReadonlyMap<string, Buffer>;
  /** Files and links that tell what the guest is, by path; a string is a link. */
  readonly guest: ReadonlyMap<string, Buffer | string>;
  readonly deep: DeepFacts;
}

/**
 * Reads an archive once, to its end, and keeps of it what says what the container is. Memory does not grow with it. Throws
 * VzError: 65 when it is cut off, no tar, or has no config of a container of OpenVZ, and as `readTar`.
 */
export async function scanVzdump(archive: AsyncIterable<Buffer>, file: string): Promise<VzdumpContents> {
  const counts = new Counts();
  const kept = new Map<string, Buffer | string>();
  let keeping: {
    readonly path: string;
    readonly wanted: Wanted;
    readonly parts: Buffer[];
    bytes: number;
  } | null = null;
  let keptBytes = 0;
  const settle = (): void => {
    if (keeping) kept.set(keeping.path, Buffer.concat(keeping.parts));
    keeping = null;
  };
  for await (const part of readTar(archive, file)) {
    if (part.kind === 'data') {
      if (!keeping) continue;
      const more = part.chunk.subarray(0, Math.min(part.bytes, keeping.wanted.bytes - keeping.bytes));
      // A view would keep the whole chunk.
      keeping.parts.push(Buffer.from(more));
      keeping.bytes += more.length;
      keptBytes += more.length;
      continue;
    }
    settle();
    const { entry } = part;
    counts.add(entry);
    const wanted = keptBytes > MOST_KEPT_BYTES ? null : wantedOf(entry);
    if (wanted === null || kept.size >= MOST_KEPT) continue;
    if (entry.type === '2') kept.set(entry.name, entry.linkName);
    else keeping = { path: entry.name, wanted, parts: [], bytes: 0 };
  }
  settle();
  return sort(kept, counts.facts, file);
}

function sort(kept: ReadonlyMap<string, Buffer | string>, deep: DeepFacts, file: string): VzdumpContents {
  const config = kept.get(CONFIG);
  if (!(config instanceof Buffer)) {
    throw new VzError('NO_CONFIG', {
      exit: EXIT.data,
      where: file,
      what: `there is no ./${CONFIG} in it`,
      hint: 'is it an archive of a container, made by vzdump for OpenVZ?',
    });
  }
  if (config.length > LARGEST_CONFIG_BYTES) {
    throw new VzError('CONFIG_TOO_LARGE', {
      exit: EXIT.data,
      where: file,
      what: `./${CONFIG} is too large to be a config`,
    });
  }
  const own = [...kept].filter(([path]) => path.startsWith(OWN));
  const scripts = own.flatMap(([path, content]) => {
    const name = /^vps\.(premount|mount|start|stop|umount|postumount)$/.exec(path.slice(OWN.length))?.[1];
    const fits = content instanceof Buffer && content.length <= LARGEST_SCRIPT_BYTES;
    return name !== undefined && fits ? [[name, content] as const] : [];
  });
  const guest = [...kept].filter(([path]) => !path.startsWith(OWN));
  return { config, scripts: new Map(scripts), guest: new Map(guest), deep };
}

class Counts {
  #files = -1;
  #bytes = 0;
  #uid = 0;
  #gid = 0;
  readonly #foreign = { count: 0, examples: [] as string[] };
  readonly #devices = { count: 0, examples: [] as string[] };

  add({ name, type, uid, gid, storedBytes }: TarEntry): void {
    // What vzdump has put in is no file of the container.
    if (`${name}/`.startsWith(OWN)) return;
    this.#files += 1;
    this.#bytes += Math.ceil(storedBytes / DISK_BLOCK_BYTES) * DISK_BLOCK_BYTES;
    this.#uid = Math.max(this.#uid, uid);
    this.#gid = Math.max(this.#gid, gid);
    if (uid > LARGEST_ID || gid > LARGEST_ID) note(this.#foreign, name);
    if ((type === '3' || type === '4') && !name.startsWith('dev/')) note(this.#devices, name);
  }

  get facts(): DeepFacts {
    const decimals = ({ count, examples }: { count: number; examples: string[] }) => ({
      count: String(count),
      examples,
    });
    return {
      files: String(Math.max(0, this.#files)),
      sizeBytes: String(this.#bytes),
      foreignIds: decimals(this.#foreign),
      deviceNodes: decimals(this.#devices),
      highestUid: this.#uid,
      highestGid: this.#gid,
    };
  }
}

function note(found: { count: number; examples: string[] }, name: string): void {
  found.count += 1;
  if (found.examples.length < MOST_EXAMPLES)
    found.examples.push(Buffer.from(name, 'latin1').toString() || '.');
}

/** What vzdump adds to the files of the container. */
export const OWN = 'etc/vzdump/';
export const CONFIG = `${OWN}vps.conf`;
const LARGEST_ID = 65535;
const DISK_BLOCK_BYTES = 4096;
const MOST_EXAMPLES = 20;
const MOST_KEPT = 1000;
const MOST_KEPT_BYTES = 32 * 1024 * 1024;

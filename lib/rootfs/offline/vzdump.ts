import type { ArchiveWriter, PayloadSink } from '../../bundle/writer.ts';
import { countedSink } from '../../bundle/writer.ts';
import { EXIT, VzError } from '../../errors.ts';
import { gzipInto } from '../../export/gzip.ts';
import { CONFIG, OWN } from '../../source/offline/scan-vzdump.ts';
import type { TarPart } from '../../source/offline/tar-entries.ts';
import { BLOCK_BYTES, readTar } from '../../source/offline/tar-entries.ts';
import { readVzdump } from '../../source/offline/vzdump-file.ts';
import { PAYLOAD } from '../export.ts';
import { excluder } from './exclude.ts';
import type { OfflineExport, Packed } from './export.ts';
import { withoutOwnerNames } from './rewrite.ts';

/**
 * Makes the payload of an archive of vzdump: its entries as they stand, but for the contents of /dev, what vzdump has added,
 * and names of owners. It flows, and nothing is unpacked to a disk. null: it was a dry run. Throws VzError: 65 the archive is
 * cut off, or is not the one that the document was made of; 78 ids above 65535; as `readVzdump` and `gzipInto`.
 */
export function packVzdump(
  request: OfflineExport,
  file: string,
): ((writer: ArchiveWriter) => Promise<Packed>) | null {
  const { document, options, io } = request;
  const deep = document.source.facts?.deep ?? null;
  if (deep && deep.foreignIds.count !== '0')
    throw foreignIds(document.ctid, deep.foreignIds.count, deep.foreignIds.examples);
  if (options.dryRun) {
    io.stdout.write(`# the files of ${file}, but for dev/*, ${OWN}* and names of owners, as base.tar.gz\n`);
    return null;
  }
  return (writer) => pack(request, file, writer);
}

async function pack(
  { document, options, compression, io }: OfflineExport,
  file: string,
  writer: ArchiveWriter,
): Promise<Packed> {
  const { ctid } = document;
  const { signal } = io;
  let bytes = 0;
  const sink = countedSink(writer.payload(PAYLOAD), (more) => {
    bytes += more;
  });
  if (compression.at !== 'here') throw new TypeError('an archive is packed here');
  const zipped = gzipInto(sink, compression.compressor, signal);
  const filter = new Filter(options.excludes);
  const output = new Gathered(zipped);
  try {
    for await (const part of readTar(readVzdump(file, signal), file)) {
      signal.throwIfAborted();
      for (const chunk of filter.keep(part)) await output.write(chunk);
    }
    if (!filter.config?.equals(configOf(document))) throw otherArchive(ctid, file);
    if (filter.foreign.length > 0) throw foreignIds(ctid, String(filter.foreign.length), filter.foreign);
    if (!filter.isRootfs) {
      throw new VzError('NO_ROOTFS', {
        exit: EXIT.refused,
        where: file,
        what: 'holds no root filesystem: no etc',
      });
    }
    await output.write(Buffer.alloc(2 * BLOCK_BYTES));
    await output.end();
  } catch (error) {
    await zipped.stop();
    signal.throwIfAborted();
    throw error;
  }
  return { bytes, sizeBytes: output.bytes, warnings: [] };
}

/** Small pieces, of which an archive of small files consists, are joined: each one costs the compressor a system call. */
class Gathered {
  bytes = 0;
  readonly #sink: PayloadSink;
  #parts: Buffer[] = [];
  #waiting = 0;

  constructor(sink: PayloadSink) {
    this.#sink = sink;
  }

  async write(chunk: Buffer): Promise<void> {
    this.bytes += chunk.length;
    this.#parts.push(chunk);
    this.#waiting += chunk.length;
    if (this.#waiting >= GATHERED_BYTES) await this.#flush();
  }

  async end(): Promise<void> {
    await this.#flush();
    await this.#sink.end();
  }

  async #flush(): Promise<void> {
    const [first, ...more] = this.#parts;
    this.#parts = [];
    this.#waiting = 0;
    if (first) await this.#sink.write(more.length === 0 ? first : Buffer.concat([first, ...more]));
  }
}

/** Which parts of an archive are the container's. */
class Filter {
  /** Of the archive. */
  config: Buffer | undefined;
  isRootfs = false;
  /** Names of some entries with ids that the target cannot hold. */
  readonly foreign: string[] = [];
  readonly #isExcluded: (path: string) => boolean;
  #keeps = false;
  #isConfig = false;

  constructor(excludes: readonly string[]) {
    this.#isExcluded = excluder(['dev/*', OWN.slice(0, -1), ...excludes]);
  }

  keep(part: TarPart): Buffer[] {
    if (part.kind === 'data') {
      if (this.#isConfig)
        this.config = Buffer.concat([this.config ?? Buffer.alloc(0), part.chunk.subarray(0, part.bytes)]);
      return this.#keeps ? [part.chunk] : [];
    }
    const { entry, extensions, header, sparse } = part;
    this.#isConfig = entry.name === CONFIG && entry.storedBytes <= MOST_CONFIG_BYTES;
    if (this.#isConfig) this.config = Buffer.alloc(0);
    // A hard link to what is left out would lead nowhere.
    const linked = entry.type === '1' && this.#isExcluded(entry.linkName.replace(/^(?:\.?\/)+/, ''));
    this.#keeps = !linked && !this.#isExcluded(entry.name);
    if (!this.#keeps) return [];
    this.isRootfs ||= /^(?:etc|usr|bin|sbin)(?:\/|$)/.test(entry.name);
    if ((entry.uid > LARGEST_ID || entry.gid > LARGEST_ID) && this.foreign.length < MOST_EXAMPLES)
      this.foreign.push(entry.name);
    return [withoutOwnerNames(extensions, header), ...(sparse.length > 0 ? [sparse] : [])];
  }
}

function configOf({ source }: OfflineExport['document']): Buffer {
  const file = source.files.find(({ role }) => role === 'container');
  return Buffer.from(file?.content ?? '', file?.encoding ?? 'utf8');
}

function otherArchive(ctid: string, file: string): VzError {
  return new VzError('OTHER_ARCHIVE', {
    exit: EXIT.data,
    where: `ct ${ctid}`,
    what: `${file} is not the archive that its document was made of: its ${CONFIG} differs`,
    hint: 'make the document anew with vz-parse-config',
  });
}

function foreignIds(ctid: string, count: string, examples: readonly string[]): VzError {
  const some = examples.slice(0, 3).map((path) => JSON.stringify(path));
  return new VzError('FOREIGN_IDS', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: `${count} files are owned by ids above 65535, which the target cannot hold: ${some.join(', ')}`,
  });
}

const GATHERED_BYTES = 256 * 1024;
const LARGEST_ID = 65535;
const MOST_EXAMPLES = 20;
const MOST_CONFIG_BYTES = 256 * 1024;

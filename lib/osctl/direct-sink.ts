import { isSubdatasetName } from '../documents/names.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Frames } from './frames.ts';
import type { Metadata } from './metadata.ts';
import { type PayloadSink, ReadNoFurther } from './payload-sink.ts';
import type { SendStream } from './send-stream.ts';
import { COMPOUND, datasetOf } from './send-streams.ts';

/**
 * Hands the payloads of an archive to the script of a direct import. `metadata.yml`, which says what they are, comes last:
 * until then their names are believed, and `judge` compares.
 *
 * - A send stream is begun on the node only when its first record was seen: the properties in a compound one would be set
 *   as soon as zfs has read them, and could make the dataset mountable.
 * - Of a stream that is damaged nothing more is sent.
 *
 * Throws VzError (65) for what only an import of the whole file can deal with.
 */
export class DirectSink implements PayloadSink {
  readonly #frames: Frames;
  readonly #seen = new Set<string>();
  readonly #datasets = new Set<string>();
  #format: 'tar' | 'zfs' | null = null;
  #open: string | null = null;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(frames: Frames) {
    this.#frames = frames;
  }

  take = async (name: string, chunk: Buffer, stream: SendStream | null): Promise<void> => {
    this.#setFormat(stream ? 'zfs' : 'tar');
    if (!stream) {
      if (this.#open === null) await this.#frames.send('tar');
      this.#open = name;
      await this.#frames.data(chunk);
      return;
    }
    if (stream.failure) throw new ReadNoFurther();
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (stream.kind === 'compound') {
      throw new VzError('STREAM_COMPOUND', { exit: EXIT.data, where: name, what: COMPOUND });
    }
    if (stream.kind !== null) await this.#release(stream);
    else if (this.#heldBytes > MAX_HELD_BYTES)
      throw unfit(`${name} has no first record in ${MAX_HELD_BYTES} bytes`);
  };

  streamEnded = async (stream: SendStream): Promise<void> => {
    // The verification says what is wrong with it.
    if (stream.failure || stream.kind !== 'plain') return;
    await this.#release(stream);
    await this.#end();
  };

  other = (name: string): void => {
    if (name.startsWith('hooks/')) throw unfit(`${name}: hooks are installed by osctl ct import only`);
  };

  /** Throws VzError (65) unless what was sent is what the metadata says that there is. */
  judge({ format, datasets }: Metadata): void {
    const sent = [...this.#datasets].filter((name) => name !== '');
    if (format !== this.#format) throw unfit(`metadata.yml says ${format}, the payload is ${this.#format}`);
    const odd =
      sent.find((name) => !datasets.includes(name)) ?? datasets.find((name) => !sent.includes(name));
    if (format === 'zfs' && odd !== undefined)
      throw unfit(`dataset ${odd} is in metadata.yml or sent, not both`);
  }

  /** The last payload is whole. Throws NodeEnded. */
  async finish(): Promise<void> {
    await this.#end();
  }

  async #release(stream: SendStream): Promise<void> {
    if (this.#open !== stream.name) await this.#begin(stream.name);
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const chunk of held) await this.#frames.data(chunk);
  }

  async #begin(name: string): Promise<void> {
    const { stream, dataset } = datasetOf(name);
    const key = `${stream} ${dataset}`;
    if (this.#seen.has(key)) throw unfit(`${name}: a second ${stream} stream of one dataset`);
    this.#seen.add(key);
    if (dataset !== '' && !isSubdatasetName(dataset)) throw unfit(`${name}: no name for a dataset`);
    const above = dataset.includes('/') ? dataset.slice(0, dataset.lastIndexOf('/')) : '';
    const needed = stream === 'incremental' ? dataset : above;
    const isFirst = stream === 'base' && dataset === '';
    if (!isFirst && !this.#datasets.has(needed))
      throw unfit(`${name} comes before rootfs/${needed && `${needed}/`}base.dat`);
    this.#datasets.add(dataset);
    await this.#frames.send(name.endsWith('.gz') ? 'gzip' : 'stream', dataset);
    this.#open = name;
  }

  async #end(): Promise<void> {
    if (this.#open !== null) await this.#frames.send('end');
    this.#open = null;
  }

  #setFormat(format: 'tar' | 'zfs'): void {
    this.#format ??= format;
    if (this.#format !== format) throw unfit('a tar and send streams, of which one is not read');
  }
}

function unfit(what: string): VzError {
  return new VzError('NOT_DIRECT', { exit: EXIT.data, what, hint: 'import it without --direct' });
}

/** A gzip that yields not 312 bytes of so many is made to do so. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

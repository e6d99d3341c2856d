import { CONTAINER_MEMBER, checkEnd, END_MEMBER } from '../bundle/end.ts';
import { readMembers } from '../bundle/reader.ts';
import type { ArchiveWriter, PayloadSink } from '../bundle/writer.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { validateDocument } from '../documents/validate.ts';
import { EXIT, VzError } from '../errors.ts';
import { describePayloads, isPayloadName } from './payloads.ts';
import { configMembers, metadataMember, sourceMembers } from './small-members.ts';

/** Far above any document, far below the memory. */
const SMALL_MEMBER_BYTES = 64 * 1024 * 1024;

/**
 * Turns a bundle stream into an archive: container.json, vz2osctl/…, payloads, config/…, and metadata.yml last, once
 * the trailer has agreed with what flowed. Throws VzError (65) for a stream that is cut off or not a bundle, and
 * 64 for one with a second container.
 */
export async function buildArchive(
  input: AsyncIterable<Buffer>,
  writer: ArchiveWriter,
  exportedAt: Date,
): Promise<void> {
  let document: OsctlContainer | undefined;
  let whole = false;
  const payloads = new Payloads(writer);
  for await (const { name, sizeBytes, data } of readMembers(input)) {
    if (whole) throw bad(name, 'comes behind the end of the bundle stream');
    if (!document) {
      if (name !== CONTAINER_MEMBER) throw bad(name, `is the first member, expected ${CONTAINER_MEMBER}`);
      document = await readDocument(data, sizeBytes);
      await writeHead(document, writer);
    } else if (name === END_MEMBER) {
      const end = await readSmall(data, sizeBytes, name);
      await payloads.finish();
      checkEnd(end, payloads.flowed);
      whole = true;
    } else {
      await payloads.take(name, data);
    }
  }
  if (!document || !whole) throw cutOff();
  await writeTail(document, [...payloads.flowed.keys()], writer, exportedAt);
}

/** container.json and what is kept of the source. */
export async function writeHead(document: OsctlContainer, writer: ArchiveWriter): Promise<void> {
  await writer.member(CONTAINER_MEMBER, Buffer.from(`${JSON.stringify(document)}\n`));
  for (const { name, data } of sourceMembers(document)) await writer.member(name, data);
}

/** What makes the payloads an archive; metadata.yml is the very last member. */
export async function writeTail(
  document: OsctlContainer,
  payloadNames: readonly string[],
  writer: ArchiveWriter,
  exportedAt: Date,
): Promise<void> {
  const { format, datasets } = describePayloads(payloadNames);
  for (const { name, data } of configMembers(document)) await writer.member(name, data);
  const metadata = metadataMember(document, { type: 'full', format, datasets, exportedAt });
  await writer.member(metadata.name, metadata.data);
  await writer.end();
}

/** Joins consecutive members of one name and counts their bytes. */
class Payloads {
  readonly flowed = new Map<string, number>();
  readonly #writer: ArchiveWriter;
  #open: { name: string; sink: PayloadSink } | undefined;

  constructor(writer: ArchiveWriter) {
    this.#writer = writer;
  }

  async take(name: string, data: AsyncIterable<Buffer>): Promise<void> {
    if (name === CONTAINER_MEMBER) {
      throw new VzError('SECOND_CONTAINER', {
        exit: EXIT.usage,
        where: 'stdin',
        what: 'a second container in one bundle stream',
        hint: 'one archive holds one container; run the pipe once for each',
      });
    }
    if (!isPayloadName(name)) throw bad(name, 'is no name that osctld knows');
    if (this.#open?.name !== name) {
      await this.finish();
      if (this.flowed.has(name)) throw bad(name, 'comes again after another payload');
      this.#open = { name, sink: this.#writer.payload(name) };
      this.flowed.set(name, 0);
    }
    const { sink } = this.#open;
    let bytes = this.flowed.get(name) ?? 0;
    for await (const chunk of data) {
      bytes += chunk.length;
      await sink.write(chunk);
    }
    this.flowed.set(name, bytes);
  }

  async finish(): Promise<void> {
    await this.#open?.sink.end();
    this.#open = undefined;
  }
}

async function readDocument(data: AsyncIterable<Buffer>, sizeBytes: number): Promise<OsctlContainer> {
  const bytes = await readSmall(data, sizeBytes, CONTAINER_MEMBER);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    throw bad(CONTAINER_MEMBER, 'is not JSON');
  }
  return validateDocument(value, 'osctl-container', CONTAINER_MEMBER);
}

async function readSmall(data: AsyncIterable<Buffer>, sizeBytes: number, name: string): Promise<Buffer> {
  if (sizeBytes > SMALL_MEMBER_BYTES) throw bad(name, `has ${sizeBytes} bytes, too many for what it is`);
  const chunks: Buffer[] = [];
  for await (const chunk of data) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function cutOff(): VzError {
  return new VzError('CUT_OFF', {
    exit: EXIT.data,
    where: 'stdin',
    what: `the bundle stream ends without ${END_MEMBER}`,
    hint: 'an earlier stage failed; no archive was made',
  });
}

function bad(name: string, what: string): VzError {
  return new VzError('BAD_BUNDLE', {
    exit: EXIT.data,
    where: 'stdin',
    what: `${JSON.stringify(name)} ${what}`,
  });
}

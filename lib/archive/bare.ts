import { stat } from 'node:fs/promises';
import type { ArchiveWriter } from '../bundle/writer.ts';
import type { Log } from '../cli/log.ts';
import { counted, type Progress } from '../cli/progress.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { EXIT, VzError } from '../errors.ts';
import { Findings } from '../osctl/findings.ts';
import type { SendStreamResult } from '../osctl/send-stream.ts';
import { judgeSendStreams, judgeSnapshots } from '../osctl/send-streams.ts';
import { parseSmallFile } from '../osctl/small-file.ts';
import { writeHead, writeTail } from './build.ts';
import { checkPayload } from './check-payload.ts';
import { readPayloadFile } from './input.ts';
import { describePayloads, SNAPSHOTS } from './payloads.ts';

/** A file that becomes the payload of a name. */
export interface PayloadFile {
  readonly name: string;
  readonly path: string;
}

/**
 * Makes an archive of a document and bare payloads, each checked as it passes, and all of them by each other: what
 * osctld would refuse does not get its metadata.yml. Throws VzError: 65, 66 for a file that cannot be read.
 */
export async function bundlePayloads(
  document: OsctlContainer,
  payloads: readonly PayloadFile[],
  {
    writer,
    log,
    progress,
  }: { readonly writer: ArchiveWriter; readonly log: Log; readonly progress: Progress },
): Promise<void> {
  const streams: SendStreamResult[] = [];
  const snapshots: Buffer[] = [];
  for (const { path } of payloads) progress.expect((await stat(path).catch(() => null))?.size ?? 0);
  await writeHead(document, writer);
  for (const { name, path } of payloads) {
    const sink = writer.payload(name);
    const chunks = checkPayload(name, path, counted(readPayloadFile(path), progress), (stream) =>
      streams.push(stream),
    );
    for await (const chunk of chunks) {
      if (name === SNAPSHOTS) keepSmall(snapshots, chunk, path);
      await sink.write(chunk);
    }
    await sink.end();
  }
  const names = payloads.map(({ name }) => name);
  const findings = new Findings();
  judgeSendStreams(streams, findings);
  const { datasets, format } = describePayloads(names);
  // Without the file, osctld destroys none of the snapshots that it receives.
  const listed = names.includes(SNAPSHOTS) ? parseSnapshots(Buffer.concat(snapshots), findings) : [];
  if (format === 'zfs') judgeSnapshots(listed, streams, datasets, findings);
  for (const { text } of findings.warnings) log.warning(text);
  const [first] = findings.errors;
  if (first) throw new VzError(first.code, { exit: EXIT.data, where: '--payload', what: first.text });
  await writeTail(document, names, writer, new Date());
}

function parseSnapshots(data: Buffer, findings: Findings): unknown {
  const parsed = parseSmallFile(SNAPSHOTS, data, true, findings);
  return parsed ? parsed.value : [];
}

function keepSmall(chunks: Buffer[], chunk: Buffer, path: string): void {
  chunks.push(chunk);
  if (chunks.reduce((sum, { length }) => sum + length, 0) <= SNAPSHOTS_BYTES) return;
  const what = `larger than ${SNAPSHOTS_BYTES} bytes, and should be a list of names`;
  throw new VzError('MEMBER_TOO_LARGE', { exit: EXIT.data, where: path, what });
}

const SNAPSHOTS_BYTES = 1024 * 1024;

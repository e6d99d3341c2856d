import { Writable } from 'node:stream';
import { writeSkel } from '../../archive/skel.ts';
import { DEFAULT_SEGMENT_BYTES, streamWriter } from '../../bundle/stream-writer.ts';
import type { OsctlContainer, VzMigration } from '../../documents/documents.ts';
import { MIGRATION_ATTRIBUTE } from '../attributes.ts';

/** The container as the target gets it: it carries the migration's id, and whoever starts it sets autostart last. */
export function markedContainer({ container, id, destination }: VzMigration): OsctlContainer {
  const { config } = container;
  return {
    ...container,
    config: {
      ...config,
      autostart: destination.rootSession ? null : config.autostart,
      attrs: { ...config.attrs, [MIGRATION_ATTRIBUTE]: id },
    },
  };
}

/** The archive that `receive skel` takes: some kilobytes. `datasets`: relative names without the root's, parents first. */
export async function skelArchive(document: VzMigration, datasets: readonly string[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const output = new Writable({
    write: (chunk: Buffer, _encoding, taken) => {
      chunks.push(chunk);
      taken();
    },
  });
  const { signal } = new AbortController();
  const now = new Date();
  const writer = streamWriter(output, { segmentBytes: DEFAULT_SEGMENT_BYTES, mtime: now, signal });
  await writeSkel(markedContainer(document), writer, now, [...datasets]);
  await new Promise<void>((resolve) => output.end(resolve));
  return Buffer.concat(chunks);
}

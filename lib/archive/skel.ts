import type { ArchiveWriter } from '../bundle/writer.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { configMembers, metadataMember } from './small-members.ts';

/**
 * Writes the archive without data that `osctl-ct-receive` takes first: it names every subdataset that will be
 * received, parents first; by default those that the document knows of. Its format field is not looked at, but must be there.
 */
export async function writeSkel(
  document: OsctlContainer,
  writer: ArchiveWriter,
  exportedAt: Date,
  datasets = subdatasets(document),
): Promise<void> {
  for (const { name, data } of configMembers(document)) await writer.member(name, data);
  const metadata = metadataMember(document, { type: 'skel', format: 'zfs', datasets, exportedAt });
  await writer.member(metadata.name, metadata.data);
  await writer.end();
}

/** Names relative to the root dataset; sorted, so a parent comes before its children. */
function subdatasets({ source }: OsctlContainer): string[] {
  const dataset = source.facts?.dataset;
  if (source.layout !== 'zfs' || !dataset) return [];
  return dataset.children.map((name) => name.slice(dataset.name.length + 1)).sort();
}

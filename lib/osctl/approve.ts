import { isDeepStrictEqual } from 'node:util';
import type { OsctlContainer } from '../documents/documents.ts';
import { EXIT, VzError } from '../errors.ts';
import type { ImportOptions } from './import-options.ts';
import type { ArchiveContents, VerifiedArchive } from './verify.ts';

/**
 * Throws VzError (65) unless an archive may be imported: nothing was found wrong with it, and what osctld reads of it is
 * what its document says, since the document is what the node was checked with.
 */
export function approveArchive(
  { report, contents }: VerifiedArchive,
  document: OsctlContainer,
  options: ImportOptions,
): void {
  const bad = (what: string): VzError =>
    new VzError('BAD_ARCHIVE', { exit: EXIT.data, where: 'the archive', what, hint: 'nothing was imported' });
  const [first, ...more] = report.errors;
  if (first) throw bad(`${first.text}${more.length > 0 ? ` (and ${more.length} more)` : ''}`);
  if (options.asId === undefined && report.container !== document.id) {
    throw bad(`metadata.yml names container ${report.container}, container.json ${document.id}`);
  }
  const [different] = differences(contents, document);
  if (different) throw bad(`${different} is not what container.json says`);
}

/** The places where the two differ. Through JSON, since a schema may have made other kinds of objects of one of them. */
function differences({ config, userConfig, metadata }: ArchiveContents, document: OsctlContainer): string[] {
  const { user, group } = document;
  const maps = isMap(userConfig) ? [userConfig['uid_map'], userConfig['gid_map']] : null;
  const pairs: [string, unknown, unknown][] = [
    ['config/container.yml', config, document.config],
    ['the user in metadata.yml', metadata?.user ?? null, user?.name ?? null],
    ['config/user.yml', maps, user === null ? null : [user.uidMap, user.gidMap]],
    ['the group in metadata.yml', metadata?.group ?? null, group],
  ];
  return pairs
    .filter(([, one, other]) => !isDeepStrictEqual(plain(one), plain(other)))
    .map(([place]) => place);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

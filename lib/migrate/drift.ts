import { join } from 'node:path/posix';
import type { SourceFile } from '../documents/source.ts';
import { EXIT, VzError } from '../errors.ts';
import type { ReadAndRunResult } from '../host/host.ts';
import { actionScriptNames, LARGEST_SCRIPT_BYTES } from '../source/action-scripts.ts';
import { configFrom } from '../source/config-file.ts';
import { X86_PAGE_BYTES } from '../vz/value.ts';
import { compareConfigs } from './compare-configs.ts';
import type { Run } from './run.ts';

/**
 * How the container's settings on its node differ from those that it was staged with, as lines for people; none: they do
 * not. What we have changed ourselves does not count. Throws VzError: 66 its config is gone, 69, 74, 77.
 */
export async function readDrift({ journal, source }: Pick<Run, 'journal' | 'source'>): Promise<string[]> {
  const { ctid, container, transfer } = journal.document;
  const { configPath, files, facts } = container.source;
  const before = files.find(({ role }) => role === 'container');
  // Of a config that came on stdin nobody knows where it is.
  if (before === undefined || configPath === null) return [];
  const scripts = facts === null ? [] : actionScriptNames(ctid).map((name) => join(configPath, '..', name));
  const { file } = await source.readAndRun({
    paths: [configPath, ...scripts],
    maxBytes: LARGEST_SCRIPT_BYTES,
    argv: ['true'],
  });
  const now = await configFrom(configPath, file(configPath));
  if (now === null) {
    throw new VzError('NO_CONTAINER', {
      exit: EXIT.noInput,
      where: `ct ${ctid}`,
      what: `no config ${configPath} on ${source.label} any more`,
    });
  }
  // A transfer writes both, and going back writes what stood for a line that was not there.
  const ignored = new Set(transfer === null ? [] : ['ONBOOT', 'DISABLED']);
  const pageSize = facts?.node.pageSize ?? X86_PAGE_BYTES;
  const lines = compareConfigs({ before: bytesOf(before), now, ctid, pageSize, ignored });
  const known = new Map(facts?.actionScripts.map(({ path }): [string, Buffer | null] => [path, null]));
  for (const kept of files) if (kept.role === 'script') known.set(kept.path, bytesOf(kept));
  return [...lines, ...compareScripts(known, await readScripts(scripts, file))];
}

/** By path; null: it is there, and its content is not known. Pure. */
export function compareScripts(
  before: ReadonlyMap<string, Buffer | null>,
  now: ReadonlyMap<string, Buffer | null>,
): string[] {
  const paths = [...new Set([...before.keys(), ...now.keys()])].sort();
  return paths.flatMap((path) => {
    const [old, fresh] = [before.get(path), now.get(path)];
    if (old === undefined) return [`added ${path}`];
    if (fresh === undefined) return [`removed ${path}`];
    const same = old === null || fresh === null ? old === fresh : old.equals(fresh);
    return same ? [] : [`changed ${path}`];
  });
}

/** Those that are there. One that is too large was so at stage, and its content not kept, or has grown. */
async function readScripts(
  paths: readonly string[],
  file: ReadAndRunResult['file'],
): Promise<Map<string, Buffer | null>> {
  const found = new Map<string, Buffer | null>();
  for (const path of paths) {
    try {
      const content = await file(path);
      if (content !== null) found.set(path, content);
    } catch (error) {
      if (!(error instanceof VzError)) throw error;
      found.set(path, null);
    }
  }
  return found;
}

function bytesOf({ content, encoding }: SourceFile): Buffer {
  return Buffer.from(content, encoding);
}

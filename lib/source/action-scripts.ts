import { join } from 'node:path/posix';
import type { Facts } from '../documents/facts.ts';
import type { SourceFile } from '../documents/source.ts';
import type { Warning } from '../documents/vz-config.ts';
import { VzError } from '../errors.ts';
import type { ReadAndRunResult } from '../host/host.ts';
import { toSourceFile } from './source-file.ts';

export interface ActionScripts {
  readonly scripts: Facts['actionScripts'];
  readonly files: SourceFile[];
  readonly warnings: Warning[];
}

/** Names of the scripts that vzctl runs for a container, beside its config. */
export function actionScriptNames(ctid: string): string[] {
  const own = ['premount', 'mount', 'start', 'stop', 'umount', 'postumount'].map((name) => `${ctid}.${name}`);
  return [...['premount', 'mount', 'umount', 'postumount', 'create'].map((name) => `vps.${name}`), ...own];
}

/**
 * The action scripts of a container and those of all (vps.*), with their contents: what they mount or configure does
 * not travel with the data, so that an operator must see them. `read` gives a file of at most LARGEST_SCRIPT_BYTES; `records`
 * are `plain|executable BYTES NAME`.
 */
export async function readActionScripts(
  read: ReadAndRunResult['file'],
  confDir: string,
  records: readonly string[],
): Promise<ActionScripts> {
  const found: ActionScripts = { scripts: [], files: [], warnings: [] };
  for (const record of records) {
    const [, mode, size, name] = /^(plain|executable) (\d+) (.+)$/.exec(record) ?? [];
    if (name === undefined) continue;
    const path = join(confDir, name);
    found.scripts.push({ path, executable: mode === 'executable' });
    const file = Number(size) > LARGEST_SCRIPT_BYTES ? TOO_LARGE : await readScript(read, path);
    if (typeof file === 'string') {
      found.warnings.push({
        code: 'SCRIPT_NOT_KEPT',
        text: `${path}: ${file}; its content is not kept`,
        line: null,
      });
    } else {
      found.files.push(file);
    }
  }
  return found;
}

async function readScript(read: ReadAndRunResult['file'], path: string): Promise<SourceFile | string> {
  try {
    const content = await read(path);
    return content === null ? 'it has vanished' : toSourceFile(path, 'script', content);
  } catch (error) {
    // It may have grown since its size was asked for.
    if (error instanceof VzError) return error.code === 'FILE_TOO_LARGE' ? TOO_LARGE : error.what;
    throw error;
  }
}

export const LARGEST_SCRIPT_BYTES = 256 * 1024;
const TOO_LARGE = 'larger than 256 KiB';

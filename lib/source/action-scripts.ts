import { join } from 'node:path/posix';
import type { Facts } from '../documents/facts.ts';
import type { SourceFile } from '../documents/source.ts';
import type { Warning } from '../documents/vz-config.ts';
import { VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { Records } from './records.ts';
import { toSourceFile } from './source-file.ts';

export interface ActionScripts {
  readonly scripts: Facts['actionScripts'];
  readonly files: SourceFile[];
  readonly warnings: Warning[];
}

/**
 * The action scripts of a container and those of all (vps.*), with their contents: what they mount or configure does
 * not travel with the data, so that an operator must see them.
 */
export async function readActionScripts(
  host: Host,
  confDir: string,
  records: Records,
): Promise<ActionScripts> {
  const found: ActionScripts = { scripts: [], files: [], warnings: [] };
  for (const record of records.all('script')) {
    const [, mode, size, name] = /^(plain|executable) (\d+) (.+)$/.exec(record) ?? [];
    if (name === undefined) continue;
    const path = join(confDir, name);
    found.scripts.push({ path, executable: mode === 'executable' });
    const file = Number(size) > LARGEST_BYTES ? TOO_LARGE : await read(host, path);
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

async function read(host: Host, path: string): Promise<SourceFile | string> {
  try {
    const content = await host.readFile(path, { maxBytes: LARGEST_BYTES });
    return content === null ? 'it has vanished' : toSourceFile(path, 'script', content);
  } catch (error) {
    // It may have grown since its size was asked for.
    if (error instanceof VzError) return error.code === 'FILE_TOO_LARGE' ? TOO_LARGE : error.what;
    throw error;
  }
}

const LARGEST_BYTES = 256 * 1024;
const TOO_LARGE = 'larger than 256 KiB';

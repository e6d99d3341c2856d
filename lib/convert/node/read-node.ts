import { readFile } from 'node:fs/promises';
import { validateDocument } from '../../documents/validate.ts';
import { EXIT, systemCode, VzError } from '../../errors.ts';
import { NodeIndex } from './node-index.ts';

/**
 * Reads what osctl-probe has written into a file, indented or not. Throws VzError: 65 for what is no such document, 66 for a
 * file that is not there, 77 and 74 for one that cannot be read.
 */
export async function readNode(path: string): Promise<NodeIndex> {
  const where = `--node ${path}`;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadable(where, cause);
  });
  return new NodeIndex(validateDocument(parse(text, where), 'vpsadminos-node', where));
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const what = text.trim() === '' ? 'empty' : 'not one JSON document';
    throw new VzError('NOT_JSON', { exit: EXIT.data, where, what, hint: 'osctl-probe writes it', cause });
  }
}

function unreadable(where: string, cause: unknown): VzError {
  const code = systemCode(cause);
  const what = cause instanceof Error ? cause.message : String(cause);
  if (code === 'ENOENT') {
    const hint = 'osctl-probe root@node > node.json writes one';
    return new VzError('NO_FILE', { exit: EXIT.noInput, where, what: 'no such file', hint, cause });
  }
  const exit = code === 'EACCES' ? EXIT.noPermission : EXIT.io;
  return new VzError('NODE_FILE', { exit, where, what, cause });
}

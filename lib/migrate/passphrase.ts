import { EXIT, VzError } from '../errors.ts';
import { localHost } from '../host/local.ts';

/**
 * The passphrase of a receive key: the file's first line. Throws VzError: 66 no file, 65 osctld takes no such passphrase, 77,
 * 74.
 */
export async function readPassphrase(path: string): Promise<string> {
  const content = await localHost.readFile(path, { maxBytes: LARGEST_BYTES });
  if (content === null) {
    throw new VzError('NO_FILE', { exit: EXIT.noInput, where: path, what: 'no such file' });
  }
  const line = content.toString('latin1').split('\n')[0]?.replace(/\r$/, '') ?? '';
  // osctld: "passphrase must consist only of a-z A-Z 0-9, _-:."
  if (/^[A-Za-z0-9_:.-]+$/.test(line)) return line;
  throw new VzError('BAD_PASSPHRASE', {
    exit: EXIT.data,
    where: path,
    what: 'holds no passphrase of a receive key, which is of letters, digits and _-:.',
  });
}

const LARGEST_BYTES = 4096;

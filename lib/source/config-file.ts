import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';

/**
 * A config's bytes; null: no such file. Throws VzError: 65 for what is too large to be one, 69, 77, and 74 for what is no
 * regular file or cannot be read.
 */
export function readConfigFile(host: Host, path: string): Promise<Buffer | null> {
  return configFrom(path, host.readFile(path, { maxBytes: LARGEST_CONFIG_BYTES }));
}

/** The same for a file that is being read, with LARGEST_CONFIG_BYTES as the limit. */
export async function configFrom(path: string, read: Promise<Buffer | null>): Promise<Buffer | null> {
  try {
    const content = await read;
    if (content !== null) checkSize(content.length, path);
    return content;
  } catch (error) {
    throw error instanceof VzError && error.code === 'FILE_TOO_LARGE' ? noConfig(path) : error;
  }
}

/** Throws VzError (65): a config of vzctl has some kilobytes. */
export function checkSize(bytes: number, where: string): void {
  if (bytes > LARGEST_CONFIG_BYTES) throw noConfig(where);
}

function noConfig(where: string): VzError {
  return new VzError('CONFIG_TOO_LARGE', {
    exit: EXIT.data,
    where,
    what: `larger than ${LARGEST_CONFIG_BYTES} bytes, so no config of a container`,
  });
}

/** A hundred times a real one. Each line becomes an item of some hundred bytes, so the limit bounds the document, too. */
export const LARGEST_CONFIG_BYTES = 256 * 1024;

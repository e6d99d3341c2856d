import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Facts } from '../../documents/facts.ts';
import { localHost } from '../../host/local.ts';
import { run } from '../../host/run.ts';
import script from '../container-facts.sh';
import { readGuest } from '../guest.ts';
import { Records } from '../records.ts';

/**
 * What the guest is, by the few files that say it, which are put into a directory of their own and looked at there by the
 * script that looks at any root filesystem. Nothing is written outside of it, whatever their names and links are.
 */
export async function lookAtGuest(
  files: ReadonlyMap<string, Buffer | string>,
  signal: AbortSignal,
): Promise<Facts['guest']> {
  const tree = mkdtempSync(join(tmpdir(), 'vz2osctl-guest-'));
  try {
    // Links last: by then nothing is written through them.
    for (const [path, content] of files) if (typeof content !== 'string') writeInside(tree, path, content);
    for (const [path, target] of files) if (typeof target === 'string') linkInside(tree, path, target);
    const argv = ['sh', '-c', script, 'sh', '', '/nowhere', tree, '', '', ''];
    const { stdout } = await run(localHost, argv, { signal });
    return readGuest(new Records(stdout));
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

function writeInside(tree: string, path: string, content: Buffer): void {
  const place = placeInside(tree, path);
  if (place !== null) writeFileSync(place, content, { flag: 'wx' });
}

function linkInside(tree: string, path: string, target: string): void {
  const place = placeInside(tree, path);
  if (place !== null && target !== '' && !target.includes('\0'))
    symlinkSync(Buffer.from(target, 'latin1'), place);
}

/** With its directories made; null where something else is, or would be gone through. */
function placeInside(tree: string, path: string): string | null {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return null;
  let directory = tree;
  for (const part of parts.slice(0, -1)) {
    directory = join(directory, part);
    const type = typeAt(directory);
    if (type === 'none') mkdirSync(directory);
    else if (type !== 'directory') return null;
  }
  const place = join(directory, parts.at(-1) ?? '');
  return dirname(place) === directory && typeAt(place) === 'none' ? place : null;
}

function typeAt(path: string): 'none' | 'directory' | 'other' {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (!status) return 'none';
  return status.isDirectory() ? 'directory' : 'other';
}

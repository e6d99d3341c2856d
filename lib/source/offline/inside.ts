import { readlinkSync } from 'node:fs';
import { EXIT, systemCode, VzError } from '../../errors.ts';

/**
 * Where a path of a dead node lies below the directory that its disks are mounted at: links are followed one name at a
 * time, as a chroot would, an absolute one from the prefix, and `..` ends there. So nothing leads to this machine's own
 * files, whatever the disks hold. What does not exist is taken as it stands. `prefix` has no links. Throws VzError: 65 for
 * links without end, 77 where a directory may not be looked into.
 */
export function resolveInside(prefix: string, path: string): string {
  const rest = path.split('/').reverse();
  const inside: string[] = [];
  let hops = 0;
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      inside.pop();
      continue;
    }
    const target = linkTarget(join(prefix, [...inside, part]));
    if (target === null) {
      inside.push(part);
      continue;
    }
    hops += 1;
    if (hops > MOST_LINKS || target.length + rest.length > MOST_PARTS) throw endless(path);
    if (target.startsWith('/')) inside.length = 0;
    rest.push(...target.split('/').reverse());
  }
  return join(prefix, inside);
}

function join(prefix: string, parts: readonly string[]): string {
  return `${prefix === '/' ? '' : prefix}/${parts.join('/')}`.replace(/(.)\/$/, '$1');
}

/** null: no link. */
function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (systemCode(error) !== 'EACCES') return null;
    const what = 'permission denied';
    throw new VzError('NOT_ALLOWED', { exit: EXIT.noPermission, where: path, what, hint: 'run as root' });
  }
}

function endless(path: string): VzError {
  return new VzError('LINK_LOOP', { exit: EXIT.data, where: path, what: 'too many links lead on from here' });
}

/** Linux follows as many. */
const MOST_LINKS = 40;
const MOST_PARTS = 8192;

import { basename } from 'node:path/posix';
import type { Facts } from '../documents/facts.ts';
import type { Records } from './records.ts';

/** What container-facts.sh read in the root filesystem. Hostile text: cut to one line of 200 characters each. */
export function readGuest(records: Records): Facts['guest'] {
  const release = records.text('guest:etc/os-release') ?? records.text('guest:usr/lib/os-release');
  const older = records.names().filter((name) => name.startsWith(PREFIX) && !name.endsWith('/os-release'));
  const elf = records.text('elf');
  const exports = records.text('nfs-exports');
  return {
    osRelease:
      release === undefined
        ? null
        : { id: osReleaseValue(release, 'ID'), versionId: osReleaseValue(release, 'VERSION_ID') },
    releaseFiles: Object.fromEntries(
      older.map((name) => [basename(name), releaseLine(name, records.text(name) ?? '')]),
    ),
    elfClass: elf === '32' ? 32 : elf === '64' ? 64 : null,
    init: readInit(records.text('init')),
    systemd: readSystemdVersion(records.text('systemd')),
    glibc: readGlibcVersion(records.text('glibc')),
    userQuota: records.all('user-quota'),
    nfsExports: exports === undefined ? null : exports === 'yes',
    // Sorted: a directory has its names in any order. Each once: a name with a newline may look like another one.
    venetRules: [...new Set(records.all('venet-rules'))].sort(),
    nested: records.all('nested'),
  };
}

function readInit(word: string | undefined): Facts['guest']['init'] {
  return word === 'systemd' || word === 'upstart' || word === 'sysvinit' || word === 'other' ? word : null;
}

function readSystemdVersion(text: string | undefined): number | null {
  return text !== undefined && /^[1-9]\d{0,3}$/.test(text) ? Number(text) : null;
}

function readGlibcVersion(text: string | undefined): string | null {
  return text !== undefined && /^\d{1,3}(\.\d{1,4}){1,3}$/.test(text) ? text : null;
}

/** os-release(5): shell assignments, of which quotes are all that occurs in these two. The last one counts. */
function osReleaseValue(text: string, key: string): string | null {
  const line = text.split('\n').findLast((one) => one.startsWith(`${key}=`));
  const value = line
    ?.slice(key.length + 1)
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2');
  return value ? value.slice(0, LONGEST) : null;
}

/** The line that says what it is: the first one. Of lsb-release, where it takes two, `Ubuntu 10.04`. */
function releaseLine(name: string, text: string): string {
  if (basename(name) !== 'lsb-release') return firstLine(text);
  const words = ['DISTRIB_ID', 'DISTRIB_RELEASE'].map((key) => osReleaseValue(text, key) ?? '');
  return words.join(' ').trim();
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').trim().slice(0, LONGEST);
}

const PREFIX = 'guest:';
const LONGEST = 200;

import { execFileSync } from 'node:child_process';

/**
 * What differs between two trees, by independent tools: rsync compares names, types, contents, modes, owners, times,
 * links, hard links and extended attributes (capabilities too); find compares hard link counts, and which files
 * have holes. Empty: equal. `exclude` are rsync patterns.
 */
export function treeDifferences(source: string, copy: string, exclude: readonly string[]): string[] {
  const rsync = execFileSync(
    'rsync',
    [
      ...['--dry-run', '-aHX', '--numeric-ids', '--checksum', '--delete', '--itemize-changes'],
      ...exclude.map((pattern) => `--exclude=${pattern}`),
      `${source}/`,
      `${copy}/`,
    ],
    { encoding: 'utf8', maxBuffer: 1e9, env: { ...process.env, LC_ALL: 'C' } },
  );
  const differences = rsync.split('\n').filter((line) => line !== '' && !line.startsWith('.d..t...... ./'));
  const [before, after] = [source, copy].map((root) => facts(root));
  if (before !== after) differences.push(`find: ${firstDifference(before ?? '', after ?? '')}`);
  return differences;
}

/** Link count and "has holes" of each file outside /dev; names as find quotes them. */
function facts(root: string): string {
  const script = `find . -xdev -path './dev/*' -prune -o -type f -printf '%p %n %s %b\\0' | LC_ALL=C sort -z`;
  const records = execFileSync('sh', ['-c', script], { cwd: root, encoding: 'latin1', maxBuffer: 1e9 }).split(
    '\0',
  );
  return records
    .map((record) => {
      const match = /^(.*) (\d+) (\d+) (\d+)$/s.exec(record);
      if (!match) return '';
      const sparse = Number(match[4]) * 512 < Number(match[3]) / 2;
      return `${match[1]} links=${match[2]}${sparse ? ' sparse' : ''}`;
    })
    .join('\n');
}

function firstDifference(before: string, after: string): string {
  const others = new Set(after.split('\n'));
  const missing = before.split('\n').find((line) => !others.has(line));
  return missing ?? 'a file too many';
}

import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/**
 * Says whether a test has what it needs: `root`, or programs by name. When something is missing the test is skipped,
 * loudly, and must return; with VZ2OSCTL_NO_SKIP=1 it fails instead.
 *
 *     if (!needs(t, 'root', 'ruby')) return;
 */
export function needs(t: TestContext, ...what: string[]): boolean {
  const missing = what.filter((name) => (name === 'root' ? process.getuid?.() !== 0 : !isInstalled(name)));
  if (missing.length === 0) return true;
  const reason = `needs ${missing.join(', ')}`;
  if (process.env['VZ2OSCTL_NO_SKIP'] === '1')
    throw new Error(`${t.name}: ${reason}, and nothing may be skipped`);
  process.stderr.write(`SKIPPED: ${t.name}: ${reason}\n`);
  t.skip(reason);
  return false;
}

/** The sbin directories are often not on a user's PATH, but sshd and setcap live there. */
function isInstalled(program: string): boolean {
  const directories = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return directories.some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * A directory of the build that many tests read and none writes to: the first one that asks for it has it made. `make` fills
 * an empty directory, which then appears under its name as a whole.
 */
export function onceABuild(name: string, make: (dir: string) => void): string {
  const dir = resolve('build', name);
  if (existsSync(dir)) return dir;
  const made = mkdtempSync(`${dir}.`);
  make(made);
  try {
    renameSync(made, dir);
  } catch (error) {
    rmSync(made, { recursive: true });
    // Another process was faster.
    if (!existsSync(dir)) throw error;
  }
  return dir;
}

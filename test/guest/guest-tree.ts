import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fixScript, undoScript } from '../../lib/guest/script.ts';
import type { Selection } from '../../lib/guest/select.ts';
import { selectFixes } from '../../lib/guest/select.ts';

/** The few files of a guest that matter, made by hand from what vzctl and the distributions write. */
export type Tree = Readonly<Record<string, Entry>>;
export type Entry = string | Link | typeof DIRECTORY | typeof FIFO;
export interface Link {
  readonly to: string;
}
export const DIRECTORY = Symbol('directory');
export const FIFO = Symbol('fifo');
export const linkTo = (to: string): Link => ({ to });

/** Shells that a node or a guest may have. */
export const SHELLS: readonly (readonly string[])[] = [['dash'], ['busybox', 'sh'], ['bash', '--posix']];

export interface Outcome {
  readonly code: number;
  /** `[fix, outcome, what]` of each line. */
  readonly fixes: readonly (readonly [string, string, string])[];
  readonly stdout: string;
  readonly stderr: string;
}

/** An old tree, so that times show what was touched. */
export function makeTree(t: TestContext, tree: Tree): string {
  const scratch = mkdtempSync(join(tmpdir(), 'vz2osctl-guest-'));
  t.after(() => rmSync(scratch, { recursive: true, force: true }));
  const root = join(scratch, 'root');
  mkdirSync(root);
  for (const [path, entry] of Object.entries(tree)) makeEntry(join(root, path), entry);
  execFileSync('find', [root, '-depth', '-exec', 'touch', '-h', '-d', '2012-03-04 05:06:07', '{}', '+']);
  return root;
}

function makeEntry(path: string, entry: Entry): void {
  mkdirSync(dirname(path), { recursive: true });
  if (entry === DIRECTORY) mkdirSync(path, { recursive: true });
  else if (entry === FIFO) execFileSync('mkfifo', [path]);
  else if (typeof entry === 'string') writeFileSync(path, entry);
  else symlinkSync(entry.to, path);
}

export function runFixes(
  root: string,
  { shell = SHELLS[0], distribution = 'other', only = null, skip = [] }: Partial<Selection> & RunOptions = {},
): Outcome {
  return runScript(fixScript('101', selectFixes(distribution, { only, skip })), [root], shell);
}

export function runUndo(root: string, shell = SHELLS[0]): Outcome {
  return runScript(undoScript(), [root], shell);
}

export interface RunOptions {
  readonly shell?: readonly string[] | undefined;
  readonly distribution?: string;
}

/** The script on stdin of a shell, as a user without a file has it. */
export function runScript(
  script: string,
  args: readonly string[],
  [program = 'sh', ...words]: readonly string[] = [],
): Outcome {
  const result = spawnSync(program, [...words, '-s', '--', ...args], {
    input: script,
    encoding: 'utf8',
    timeout: 60_000,
  });
  const fixes = [...result.stdout.matchAll(/^fix (\S+) (\S+) ?(.*)$/gm)].map(
    ([, id = '', outcome = '', what = '']) => [id, outcome, what] as const,
  );
  return { code: result.status ?? -1, fixes, stdout: result.stdout, stderr: result.stderr };
}

/** `id outcome` of the fixes that found something. */
export function notable({ fixes }: Outcome): string[] {
  return fixes.filter(([, outcome]) => outcome !== 'not-needed').map(([id, outcome]) => `${id} ${outcome}`);
}

/** All that find can say of a tree but its inodes: names, kinds, modes, owners, sizes, times, link counts, contents. */
export function describeTree(root: string): string {
  const format = '%P %y %m %U %G %n %TY-%Tm-%Td %TT %l\\n';
  const script = `find . -mindepth 0 -printf '${format}' | sort; find . -type f -print0 | sort -z | xargs -0 -r sha256sum`;
  return execFileSync('sh', ['-c', script], { cwd: root, encoding: 'latin1', maxBuffer: 1e8 });
}

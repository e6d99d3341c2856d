import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SPECS } from '../lib/cli/specs/all.ts';
import { bashCompletion } from './completion/bash.ts';
import { zshCompletion } from './completion/zsh.ts';
import { toRoff } from './roff.ts';

/** Makes dist/man: each manual as roff, and as it was written for where there is no man(1). */
function buildManuals(): void {
  mkdirSync('dist/man', { recursive: true });
  for (const file of readdirSync('cmd').filter((name) => name.endsWith('.md'))) {
    const path = join('cmd', file);
    const roff = toRoff(readFileSync(path, 'utf8'), { date: dateOf(path), version: VZ2OSCTL_VERSION });
    writeFileSync(join('dist/man', file.slice(0, -'.md'.length)), roff);
    copyFileSync(path, join('dist/man', file));
  }
}

/** SOURCE_DATE_EPOCH, for builds that are the same everywhere, else that of the file. */
function dateOf(path: string): string {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  const date = epoch === undefined ? statSync(path).mtime : new Date(Number(epoch) * 1000);
  return date.toISOString().slice(0, 10);
}

/** Makes dist/completion: a file for each shell. */
function buildCompletion(): void {
  mkdirSync('dist/completion', { recursive: true });
  writeFileSync('dist/completion/vz2osctl.bash', bashCompletion(SPECS));
  writeFileSync('dist/completion/_vz2osctl', zshCompletion(SPECS));
}

buildManuals();
buildCompletion();

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { needs } from './needs.ts';

test('shellcheck has nothing to say about any shell script of the repository', (t) => {
  if (!needs(t, 'shellcheck', 'git')) return;
  const scripts = listFiles().filter(isShellScript);
  assert.ok(scripts.length > 5, `only ${scripts.length} scripts found`);
  const isProgram = (path: string): boolean => readHead(path).startsWith('#!');
  const isOfBash = (path: string): boolean => path.endsWith('.bash');
  assert.equal(shellcheck(scripts.filter(isProgram)), '');
  // What runs as an argument of `sh -c`, or is sourced.
  const parts = scripts.filter((path) => !isProgram(path));
  assert.equal(shellcheck(['--shell=sh', ...parts.filter((path) => !isOfBash(path))]), '');
  assert.equal(shellcheck(['--shell=bash', ...parts.filter(isOfBash)]), '');
});

function shellcheck(args: string[]): string {
  const result = spawnSync('shellcheck', ['--external-sources', ...args], { encoding: 'utf8' });
  return result.stdout + result.stderr;
}

/** What git has, and what it would take. */
function listFiles(): string[] {
  const output = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  return output.toString().split('\0').filter(Boolean);
}

function isShellScript(path: string): boolean {
  if (/\.(ba)?sh$/.test(path)) return true;
  if (/\.[a-z0-9]+$/i.test(path)) return false;
  return /^#!\/bin\/(ba)?sh\b/.test(readHead(path));
}

/** Links (some lead nowhere) and deleted files have no head. */
function readHead(path: string): string {
  try {
    return readFileSync(path, 'latin1').slice(0, 64);
  } catch {
    return '';
  }
}

import assert from 'node:assert/strict';
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FIXES } from '../../lib/guest/table.ts';
import { needs } from '../support/needs.ts';
import { describeTree, makeTree, notable, runFixes, runUndo, SHELLS } from './guest-tree.ts';
import { GUESTS } from './guests.ts';

for (const shell of SHELLS) {
  for (const guest of GUESTS) {
    const { name, distribution, applied, already = [], failed = [] } = guest;
    test(`${name}, by ${shell.join(' ')}: fixed, fixed again, and as it was`, (t) => {
      if (!needs(t, shell[0] ?? '')) return;
      const root = makeTree(t, guest.before);
      const before = describeTree(root);
      const first = runFixes(root, { shell, distribution });
      const expected = [
        ...applied.map((id) => `${id} applied`),
        ...already.map((id) => `${id} already`),
        ...failed.map((id) => `${id} failed`),
      ];
      assert.deepEqual(notable(first).sort(), expected.sort(), first.stdout);
      assert.equal(first.code, failed.length === 0 ? 0 : 1);
      assert.match(first.stdout, /^end \d+ applied, .*\n$/m);
      for (const [path, content] of Object.entries(guest.after)) {
        assert.deepEqual(look(join(root, path)), content, path);
      }

      const fixed = describeTree(root);
      const second = runFixes(root, { shell, distribution });
      assert.deepEqual(
        notable(second).filter((line) => line.endsWith(' applied')),
        [],
      );
      assert.equal(describeTree(root), fixed, 'the second run changed something');

      const undone = runUndo(root, shell);
      assert.equal(undone.code, 0, undone.stdout);
      assert.equal(describeTree(root), before, 'undo has not taken all back');
    });
  }
}

test('every fix is applied to some guest, and its row says all there is to say', () => {
  const ids = FIXES.map(({ id }) => id);
  const seen = new Set(GUESTS.flatMap(({ applied, failed = [] }) => [...applied, ...failed]));
  assert.deepEqual(
    ids.filter((id) => !seen.has(id)),
    [],
  );
  assert.equal(new Set(ids).size, ids.length);
  for (const { id, script, ...row } of FIXES) {
    assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.ok(script.includes(`\nfix_${id.replaceAll('-', '_')}() {\n`), id);
    for (const [column, words] of Object.entries(row)) {
      // They become comments of the script.
      if (typeof words === 'string') assert.match(words, /^[ -~]{3,250}$/, `${id}: ${column}`);
    }
  }
});

test('each line of an outcome is told to programs and to people', (t) => {
  const root = makeTree(t, { 'etc/mtab': 'x\n' });
  const outcome = runFixes(root, { skip: ['fstab-root'] });
  const forPeople = outcome.stderr.trimEnd().split('\n');
  assert.equal(forPeople.length, outcome.fixes.length);
  assert.ok(forPeople.includes('mtab: applied: /etc/mtab'));
  assert.ok(outcome.stdout.includes('\nfix fstab-root skipped\n'));
});

/** What a path is: a content, a link, or null for nothing. */
function look(path: string): string | null | { readonly to: string } {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return null;
  return status.isSymbolicLink() ? { to: readlinkSync(path) } : readFileSync(path, 'utf8');
}

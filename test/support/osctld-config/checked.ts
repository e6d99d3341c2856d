import { spawnSync } from 'node:child_process';
import { after } from 'node:test';
import { configMembers } from '../../../lib/archive/small-members.ts';
import type { OsctlContainer } from '../../../lib/documents/documents.ts';

/**
 * Hands `document` back, and has its config/container.yml, as the archive would hold it, checked by `check.rb` when
 * all tests of the file are through: one Ruby process a file, and a document that osctld would stumble over fails the
 * file. Of very many (property tests) the first few thousand that differ are checked.
 */
export function checkedAtEnd(document: OsctlContainer): OsctlContainer {
  if (texts.size < MOST_TEXTS) texts.add(containerYmlOf(document));
  return document;
}

/** The text of config/container.yml in the archive. */
export function containerYmlOf(document: OsctlContainer): string {
  const member = configMembers(document).find(({ name }) => name === 'config/container.yml');
  if (!member) throw new Error('the archive has no config/container.yml');
  return member.data.toString();
}

/** What osctld would stumble over, `N: place: what` with the number of the text; null: there is no Ruby. */
export function violationsOf(documents: readonly string[]): string[] | null {
  const { error, status, stdout, stderr } = spawnSync('ruby', [CHECKER], {
    input: documents.map((text) => `${text}\0`).join(''),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    // Whatever the locale is: texts are UTF-8.
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  if (error && 'code' in error && error.code === 'ENOENT') return null;
  if (error) throw error;
  const lines = stdout.split('\n').filter(Boolean);
  if (status !== 0 && lines.length === 0) throw new Error(`${CHECKER} ended with ${status}: ${stderr}`);
  return lines;
}

const texts = new Set<string>();

/** A few seconds of Psych. */
const MOST_TEXTS = 3000;
const CHECKER = 'test/support/osctld-config/check.rb';

// In a test, it would run at the end of that test.
after(() => {
  if (texts.size === 0) return;
  const documents = [...texts];
  const violations = violationsOf(documents);
  if (violations === null) {
    if (process.env['VZ2OSCTL_NO_SKIP'] === '1') throw new Error('needs ruby, and nothing may be skipped');
    process.stderr.write('SKIPPED: the check of every container.yml: needs ruby\n');
    return;
  }
  const [first] = violations;
  if (first === undefined) return;
  const shown = violations.slice(0, 10).join('\n');
  throw new Error(
    `osctld would stumble over ${violations.length} of ${documents.length}:\n${shown}\n${documents[Number.parseInt(first, 10)]}`,
  );
});

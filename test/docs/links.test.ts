import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

test('what README, docs and manuals link to is there, and goes along in the packages', () => {
  const documents = ['README.md', ...['docs', 'cmd'].flatMap(markdownIn)];
  for (const document of documents) {
    const links = [...readFileSync(document, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)];
    for (const [, target = ''] of links) {
      const path = join(dirname(document), target);
      assert.ok(existsSync(path), `${document} links to ${target}`);
      assert.match(path, /^(README\.md|CHANGELOG\.md|(docs|cmd)\/[\w.-]+\.md)$/, document);
    }
  }
});

function markdownIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(directory, name));
}

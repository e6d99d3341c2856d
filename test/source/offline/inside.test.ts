import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { VzError } from '../../../lib/errors.ts';
import { resolveInside } from '../../../lib/source/offline/inside.ts';

describe('a path of a dead node', () => {
  const links: Record<string, string> = {
    vz: '/var/lib/vz',
    'etc/vz': '../etc2/vz',
    up: '../../../../../../../../etc',
    self: 'self',
    'loop/a': '../loop/b',
    'loop/b': '/loop/a',
    'var/lib/vz/private/102': '/proc/self/root/etc/shadow',
    'var/lib/vz/private/103': '/../../../../etc/./shadow',
    dot: '.',
    'etc2/abs': '/',
  };

  const rows: readonly (readonly [string, string])[] = [
    ['/vz/private/101', '/var/lib/vz/private/101'],
    ['//vz/./private//101/', '/var/lib/vz/private/101'],
    ['/etc/vz/conf/101.conf', '/etc2/vz/conf/101.conf'],
    ['/up/passwd', '/etc/passwd'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/vz/private/102', '/proc/self/root/etc/shadow'],
    ['/vz/private/103', '/etc/shadow'],
    ['/dot/dot/dot/x', '/x'],
    ['/etc2/abs/etc2/abs/x', '/x'],
    ['/none/../x', '/x'],
    ['/', ''],
  ];

  it('stays below the prefix, whatever the links are', (t) => {
    const prefix = realpathSync(mkdtempSync(join(tmpdir(), 'vz2osctl-inside-')));
    t.after(() => rmSync(prefix, { recursive: true, force: true }));
    for (const [path, target] of Object.entries(links)) {
      mkdirSync(join(prefix, dirname(path)), { recursive: true });
      symlinkSync(target, join(prefix, path));
    }
    for (const [path, expected] of rows)
      assert.equal(resolveInside(prefix, path), `${prefix}${expected}` || '/', path);
    for (const path of ['/self', '/self/x', '/loop/a/x']) {
      assert.throws(
        () => resolveInside(prefix, path),
        (error) => error instanceof VzError && error.exit === 65 && error.code === 'LINK_LOOP',
      );
    }
    assert.equal(resolveInside('/', '/nowhere-at-all/x'), '/nowhere-at-all/x');
  });
});

import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { VzError } from '../../lib/errors.ts';
import { requireAgreement } from '../../lib/migrate/state/agree.ts';
import { makeStateDirectory, stateDirectory } from '../../lib/migrate/state/directory.ts';
import { stateName } from '../../lib/migrate/state/name.ts';
import {
  listMigrations,
  loadMigration,
  removeMigration,
  saveMigration,
  statePath,
} from '../../lib/migrate/state/store.ts';
import { diskDirectory, memoryDirectory } from '../support/directories.ts';
import { needs } from '../support/needs.ts';
import { sampleHost, sampleMigration } from '../support/sample-migration.ts';

const NAME = '101@vz6';
const isError = (exit: number, pattern: RegExp) => (error: unknown) =>
  error instanceof VzError && error.exit === exit && pattern.test(error.line);

describe('the name of a state', () => {
  const rows: readonly (readonly [string, ReturnType<typeof sampleHost> | null])[] = [
    ['101', null],
    ['101@vz6', sampleHost()],
    ['101@vz6', sampleHost({ user: null, name: 'VZ6' })],
    ['101@vz6,2222', sampleHost({ port: 2222 })],
    ['101@vz6,2222', sampleHost({ options: ['Compression=yes', 'Port=2222', 'Port=22'] })],
    ['101@vz6,23', sampleHost({ port: 23, options: ['Port=2222'] })],
    ['101@2001%3adb8%3a%3a1', sampleHost({ name: '2001:db8::1' })],
  ];
  for (const [name, host] of rows) it(name, () => assert.equal(stateName(host, '101'), name));

  it('is safe for any host, and different for any two', () => {
    const word = fc.stringMatching(/^[a-z0-9._:%[\]][a-z0-9._:%[\]-]{0,254}$/);
    fc.assert(
      fc.property(word, word, (a, b) => {
        const [one, other] = [a, b].map((name) => stateName({ name, port: 65535 }, '2147483644'));
        assert.match(one ?? '', /^\d+@[a-z0-9._%~-]+,65535$/);
        assert.ok((one ?? '').length < 220);
        assert.equal(one === other, a === b);
      }),
    );
    const long = 'x'.repeat(254);
    assert.notEqual(
      stateName({ name: `${long}a`, port: null }, '1'),
      stateName({ name: `${long}b`, port: null }, '1'),
    );
  });
});

describe('the state directory', () => {
  it('is where flag, user and XDG_STATE_HOME say', () => {
    const own = process.getuid?.() === 0 ? '/var/lib/vz2osctl' : '/xdg/vz2osctl';
    assert.equal(stateDirectory(undefined, { XDG_STATE_HOME: '/xdg', HOME: '/home/a' }), own);
    assert.equal(stateDirectory('state', {}), join(process.cwd(), 'state'));
  });

  it('is made for its owner alone', async (t) => {
    const path = join(diskDirectory(t), 'a/b');
    await makeStateDirectory(path);
    await makeStateDirectory(path);
    assert.equal(statSync(path).mode & 0o777, 0o700);
  });

  for (const type of ['tmpfs', 'ramfs'] as const) {
    it(`78: on a ${type}, and nothing is made there`, async (t) => {
      if (!needs(t, 'root')) return;
      const memory = memoryDirectory(t, type);
      for (const path of [memory, join(memory, 'a/b')])
        await assert.rejects(makeStateDirectory(path), isError(78, /in memory.*--state-dir.*vpsAdminOS/));
      assert.deepEqual(readdirSync(memory), []);
    });
  }

  it('73: below a file', async (t) => {
    const file = join(diskDirectory(t), 'file');
    writeFileSync(file, '');
    await assert.rejects(makeStateDirectory(join(file, 'a')), isError(73, /ENOTDIR.*--state-dir/));
  });
});

describe('what is kept', () => {
  it('is read back, listed and forgotten', async (t) => {
    const directory = diskDirectory(t);
    const [here, there] = [sampleMigration({}, { host: null }), sampleMigration({ revision: 7 })];
    for (const document of [here, there]) await saveMigration(directory, document);
    assert.deepEqual(await loadMigration(directory, NAME), there);
    writeFileSync(join(directory, '.101.json.999999.part'), '{');
    const names: string[] = [];
    for await (const { name, load } of listMigrations(directory)) {
      names.push(name);
      assert.deepEqual(await load(), name === '101' ? here : there);
    }
    assert.deepEqual(names, ['101', NAME]);
    assert.equal(statSync(statePath(directory, NAME)).mode & 0o777, 0o600);
    await removeMigration(directory, there);
    assert.equal(await loadMigration(directory, NAME), null);
  });

  it('is nothing where there is no directory', async (t) => {
    const directory = join(diskDirectory(t), 'none');
    for await (const { name } of listMigrations(directory)) assert.fail(name);
    assert.equal(await loadMigration(directory, NAME), null);
    assert.ok(!existsSync(directory));
  });

  const bad: readonly (readonly [string, string, RegExp])[] = [
    ['nothing', '', /is no state of this migration/],
    ['half a document', JSON.stringify(sampleMigration()).slice(0, 300), /is no state of this migration/],
    ['another kind', '{"kind":"vz-config"}', /kind: expected vz-migration/],
    ['another container', JSON.stringify(sampleMigration({}, { host: null })), /it is about 101\b/],
  ];
  for (const [what, content, message] of bad) {
    it(`65: ${what} in its file, which is named and left`, async (t) => {
      const directory = diskDirectory(t);
      writeFileSync(statePath(directory, NAME), content);
      await assert.rejects(loadMigration(directory, NAME), isError(65, message));
      await assert.rejects(loadMigration(directory, NAME), isError(65, /101@vz6\.json/));
      assert.equal(readFileSync(statePath(directory, NAME), 'utf8'), content);
    });
  }

  it('74: no space, and the old one is there', async (t) => {
    if (!needs(t, 'root')) return;
    const directory = memoryDirectory(t);
    await saveMigration(directory, sampleMigration());
    const content = 'x'.repeat(64_000);
    const files = [{ path: '/x', role: 'container' as const, encoding: 'utf8' as const, content }];
    await assert.rejects(
      saveMigration(directory, sampleMigration({ revision: 2 }, { files })),
      isError(74, /no space left/),
    );
    assert.equal((await loadMigration(directory, NAME))?.revision, 1);
    assert.deepEqual(readdirSync(directory), [`${NAME}.json`]);
    writeFileSync(join(directory, 'fill'), '');
    assert.throws(() => writeFileSync(join(directory, 'fill'), Buffer.alloc(65_536)), /ENOSPC/);
    await assert.rejects(
      saveMigration(directory, sampleMigration({ revision: 2 })),
      isError(74, /no space left/),
    );
    assert.equal((await loadMigration(directory, NAME))?.revision, 1);
  });

  it('73: not allowed', async (t) => {
    if (!needs(t, 'root')) return;
    const directory = diskDirectory(t);
    mkdirSync(join(directory, 'a'));
    chmodSync(join(directory, 'a'), 0o500);
    process.seteuid?.(65534);
    t.after(() => process.seteuid?.(0));
    await assert.rejects(saveMigration(join(directory, 'a'), sampleMigration()), isError(73, /EACCES/));
    process.seteuid?.(0);
  });

  it('is written though a dead run had our pid', async (t) => {
    const directory = diskDirectory(t);
    writeFileSync(join(directory, `.${NAME}.json.${process.pid}.part`), '{');
    await saveMigration(directory, sampleMigration());
    assert.deepEqual(readdirSync(directory), [`${NAME}.json`]);
  });
});

describe('a document on stdin', () => {
  const place = { directory: '/state', name: NAME };
  const stored = sampleMigration({ revision: 5 });
  it('that is the state is taken', () => requireAgreement(stored, stored, place));
  const rows = [
    [65, 'is older', sampleMigration({ revision: 4 }), stored, /revision 4 of 5.*name the container/],
    [78, 'is newer', sampleMigration({ revision: 6 }), stored, /restored from a backup/],
    [
      78,
      'is of another migration',
      { ...stored, id: 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6' },
      stored,
      /another/,
    ],
    [66, 'has no state', stored, null, /knows nothing/],
  ] as const;
  for (const [exit, what, given, state, message] of rows)
    it(`${exit}: ${what}`, () =>
      assert.throws(() => requireAgreement(given, state, place), isError(exit, message)));
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { quoteArgv } from '../../lib/host/quote.ts';
import { type Migration, type StepResult, startMigration } from '../support/migrations.ts';

const SECRET = 's3cret-word';

for (const storage of ['simfs', 'zfs-root'] as const) {
  test(`${storage}: a rate is kept while it runs, and how far it is said meanwhile`, async (t) => {
    const migration = await startMigration(t, storage, { plain: true, sizeMib: 10 });
    if (!migration) return;
    done(await migration.stage());
    const { document, stderr } = done(await migration.step('sync', '--bwlimit', '2M', '--progress', 'json'));
    const [pass] = document?.sync.passes ?? [];
    assert.ok(Number(pass?.bytes) > 10 * 2 ** 20, pass?.bytes);
    // 10 MiB at 2 MiB a second take 5 s; what came before the first byte was no waiting.
    assert.ok((pass?.ms ?? 0) >= 4000, `${pass?.ms} ms`);
    const lines = stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    assert.ok(lines.length >= 2, stderr);
    assert.deepEqual(
      lines.map(({ type }) => type),
      lines.map(() => 'progress'),
    );
    assert.equal(lines.at(-1).bytes, Number(pass?.bytes));
  });
}

for (const storage of ['simfs', 'zfs-receive-2'] as const) {
  test(`${storage}: the log file has every command of both sides, and no passphrase`, async (t) => {
    const migration = await startMigration(t, storage, { plain: true });
    if (!migration) return;
    const { target, ctid, stateDir } = migration;
    const ran = recordSsh(migration);
    const [log, file] = [join(target.dir, 'steps.log'), join(target.dir, 'passphrase')];
    writeFileSync(file, `${SECRET}\n`);
    target.osctl(['receive', 'authorized-keys', 'del', 'default']);
    const added = target.osctl(
      ['receive', 'authorized-keys', 'add', '--passphrase', SECRET, 'default'],
      readFileSync(join(target.dir, 'id_receive.pub'), 'utf8'),
    );
    assert.equal(added.code, 0, added.stderr);
    const flags = ['--log-file', log, '--passphrase-file', file];
    const results = [done(await migration.stage(...flags))];
    for (const step of ['sync', 'transfer'] as const)
      results.push(done(await migration.step(step, ...flags)));
    const state = readFileSync(join(stateDir, `${ctid}@vz6.json`), 'utf8');
    results.push(done(await migration.step('cleanup', '--delete', '--confirm', ctid, ...flags)));
    const text = readFileSync(log, 'utf8');
    const commands = ran();
    assert.ok(commands.length > 20, `${commands.length} commands`);
    for (const command of commands) assert.ok(text.includes(`: ${command}\n`), `not in the log: ${command}`);
    for (const effect of [
      'vzctl stop',
      'disarm the guard',
      'vzctl set 101 --disabled yes --save',
      'osctl ct start',
    ])
      assert.match(text, new RegExp(`ct ${ctid}: ${effect.replace('101', ctid)}\n`));
    if (storage !== 'simfs') assert.match(text, /receive(?: 2)? skel - '?\(passphrase\)'?\n/);
    for (const said of [text, state, ...results.flatMap(({ stdout, stderr }) => [stdout, stderr])])
      assert.ok(!said.includes(SECRET));
  });
}

function done(result: StepResult): StepResult {
  assert.equal(result.code, 0, result.stderr);
  return result;
}

/** Puts an ssh before the others that writes down what it is asked to run. Returns what that was for vz-migrate-step. */
function recordSsh({ env, target }: Migration): () => string[] {
  const [bin, record] = [join(target.dir, 'recording'), join(target.dir, 'ssh.record')];
  const next = execFileSync('sh', ['-c', 'command -v ssh'], { env, encoding: 'utf8' }).trim();
  mkdirSync(bin);
  // vz-parse-config has a log of its own. Behind a shared connection there is a shell between us. Words without a blank
  // are hosts, of which ssh only tells what it knows.
  const script = `#!/bin/sh
for word; do :; done
parent=$PPID
grep -qz vz-migrate-step "/proc/$parent/cmdline" || parent=$(cut -d' ' -f4 "/proc/$parent/stat")
case $word in *' '*) grep -qz vz-migrate-step "/proc/$parent/cmdline" && printf '%s\\0' "$word" >>'${record}' ;; esac
exec '${next}' "$@"
`;
  writeFileSync(join(bin, 'ssh'), script, { mode: 0o755 });
  env['PATH'] = `${bin}:${env['PATH']}`;
  return () => readFileSync(record, 'utf8').split('\0').filter(Boolean).flatMap(logged);
}

/** A command line as the log has it. Files and directories that are only read are no commands. */
function logged(line: string): string[] {
  const words = line.replace(/^LC_ALL=C exec /, '');
  const split = `f() { for word; do printf '%s\\0' "$word"; done; }; f ${words}`;
  const argv = execFileSync('sh', ['-c', split], { encoding: 'utf8' }).split('\0').slice(0, -1);
  const [program, , script = '', , mark = ''] = argv;
  if (script.startsWith('limit=$2;') || program === 'ls') return [];
  // `readAndRun`: a script of the host's, a mark, the limit, the number of files, the files.
  const isWrapped = program === 'sh' && /^[0-9a-f-]{36}$/.test(mark);
  const own = isWrapped ? argv.slice(7 + Number(argv[6])) : argv;
  const told = own.map((word) => (word.includes('\n') ? 'SCRIPT' : word));
  return [quoteArgv(told).replaceAll(SECRET, '(passphrase)')];
}

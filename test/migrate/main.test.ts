import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../lib/cli/command.ts';
import { vzMigrateStep } from '../../lib/cli/specs/vz-migrate-step.ts';
import type { VzMigration } from '../../lib/documents/documents.ts';
import { validateDocument } from '../../lib/documents/validate.ts';
import { EXIT, VzError } from '../../lib/errors.ts';
import { runChecked } from '../../lib/host/run.ts';
import { migrateStep } from '../../lib/migrate/main.ts';
import { loadMigration, saveMigration, statePath } from '../../lib/migrate/state/store.ts';
import type { Steps } from '../../lib/migrate/steps/step.ts';
import { diskDirectory } from '../support/directories.ts';
import { startOpenVzNode } from '../support/nodes.ts';
import { sampleDocument } from '../support/sample-document.ts';
import { sampleMigration } from '../support/sample-migration.ts';

/** Steps that only write down that they were here. The program around them is the real one. */
const STEPS: Steps = {
  stage: async ({ journal }) => journal.save({ step: 'staged' }),
  sync: async ({ journal, options, source, receive }) => {
    await runChecked(source, ['true', `rate ${options.bytesPerSecond}`]);
    if (receive) await runChecked(source, ['true', `receive skel ${options.passphrase}`]);
    await journal.save({ step: 'synced' });
  },
  // Until it is interrupted, and then it cleans up.
  transfer: async ({ journal, io }) => {
    await journal.save({ step: 'stopping' });
    io.log.info('waits');
    await sleep(60_000, undefined, { signal: io.signal }).catch(() => {});
    await sleep(500);
    await journal.save({ step: 'synced' });
    io.signal.throwIfAborted();
  },
  cleanup: async ({ journal }) => journal.save({ step: 'cleaning' }),
  rollback: async ({ journal }) => journal.save({ step: 'returned' }),
  now: async ({ journal }) => journal.save({ step: 'transferred' }),
  cancel: async ({ journal }) => {
    await journal.save({ step: 'cancelling' });
    throw new VzError('HOST_UNREACHABLE', { exit: EXIT.unavailable, what: 'no answer' });
  },
};

if (process.env['VZ2OSCTL_TEST_MAIN'] === '1') {
  await runCommand(vzMigrateStep, (flags, io) => migrateStep(flags, io, STEPS));
} else {
  tests();
}

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], input: object | string = '', env: NodeJS.ProcessEnv = process.env) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], {
    env: { ...env, VZ2OSCTL_TEST_MAIN: '1' },
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      said[name] += chunk.toString();
    });
  child.stdin.on('error', () => {});
  child.stdin.end(typeof input === 'string' ? input : `${JSON.stringify(input)}\n`);
  const ended = once(child, 'close').then(([code]): Result => ({ code, ...said }));
  return { child, said, ended };
}

function tests(): void {
  const run = (args: readonly string[], input?: object | string, env?: NodeJS.ProcessEnv) =>
    start(args, input, env).ended;
  const document = ({ stdout }: Result): VzMigration =>
    validateDocument(JSON.parse(stdout), 'vz-migration', 'stdout');
  const here = sampleMigration({}, { host: null });

  async function withState(t: TestContext, migration = here): Promise<{ dir: string; at: string[] }> {
    const dir = diskDirectory(t);
    await saveMigration(dir, migration);
    return { dir, at: ['--state-dir', dir] };
  }

  describe('a migration', () => {
    it('begins with stage, is kept, goes on by its name or document, and is forgotten at its end', async (t) => {
      const dir = join(diskDirectory(t), 'state');
      const at = ['--state-dir', dir];
      const staged = await run(['stage', '--to', 'root@node:tank', ...at], sampleDocument());
      assert.equal(staged.code, 0, staged.stderr);
      const { step, revision, destination, id } = document(staged);
      assert.deepEqual([step, revision, destination.pool, destination.via], ['staged', 1, 'tank', 'root']);
      assert.deepEqual(await loadMigration(dir, '101'), document(staged));
      const log = join(dir, 'log');
      const synced = await run(['sync', '101', '--bwlimit', '2M', '--log-file', log, ...at]);
      assert.deepEqual([synced.code, document(synced).step, document(synced).id], [0, 'synced', id]);
      assert.equal(synced.stderr, '');
      assert.match(readFileSync(log, 'utf8'), /on this machine: true 'rate 2097152'/);
      const again = await run(['sync', ...at], synced.stdout);
      assert.deepEqual([again.code, document(again).revision], [0, 3]);
      const cleaned = await run(['cleanup', ...at], again.stdout);
      assert.deepEqual([cleaned.code, document(cleaned).step], [0, 'cleaning']);
      assert.deepEqual(readdirSync(dir), ['101.lock', 'log']);
      assert.equal((await run(['sync', '101', ...at])).code, 66);
    });

    it('is refused for a blocker that is not ignored, up to the point of no return', async (t) => {
      const blocker = {
        code: 'CGROUP_V2',
        text: 'cannot boot',
        evidence: 'systemd 219',
        remedy: 'take another node',
      };
      const node = { name: 'root@node', at: '2026-01-02T03:04:05Z', pool: null, availableBytes: null };
      const blocked = { ...sampleDocument(), node, blockers: [blocker] };
      const dir = diskDirectory(t);
      const at = ['--state-dir', dir];
      const stage = ['stage', '--to', 'root@node', ...at];
      for (const args of [stage, [...stage, '-n'], [...stage, '--ignore', 'VSYSCALL']]) {
        const refused = await run(args, blocked);
        assert.equal(refused.code, 78, refused.stderr);
        assert.match(
          refused.stderr,
          /ct 101: cannot boot \(systemd 219\); take another node .*: --ignore CGROUP_V2\n$/,
        );
        assert.equal(await loadMigration(dir, '101'), null);
      }
      const typo = await run([...stage, '--ignore', 'CGROUP_2'], blocked);
      assert.equal(typo.code, 64);
      assert.match(typo.stderr, /did you mean CGROUP_V2\?/);
      const staged = await run([...stage, '--ignore', 'CGROUP_V2'], blocked);
      assert.equal(staged.code, 0, staged.stderr);
      assert.match(staged.stderr, /warning: ct 101: ignored: cannot boot/);
      assert.equal((await run(['sync', '101', ...at])).code, 0, 'what only copies is not refused');
      assert.equal((await run(['sync', '101', '--ignore', 'CGROUP_V2', ...at])).code, 64);
      assert.equal((await run(['transfer', '101', ...at])).code, 78);
      const synced = await loadMigration(dir, '101');
      assert.ok(synced);
      await saveMigration(dir, { ...synced, revision: synced.revision + 1, step: 'switching' });
      const { child, said, ended } = start(['transfer', '101', ...at]);
      while (!said.stderr.includes('waits')) await sleep(20);
      child.kill('SIGTERM');
      assert.equal((await ended).code, 143, 'one that is on its way goes on');
    });

    it('is read from the node where a container is named, as the two programs do', async (t) => {
      const node = startOpenVzNode(t, { plain: true });
      const dir = diskDirectory(t);
      const args = ['stage', '101', '--to', 'node', '--conf-dir', node.confDir, '--state-dir', dir];
      const staged = await run(args, 'not read', node.env);
      assert.equal(staged.code, 0, staged.stderr);
      const { container } = document(staged);
      assert.equal(container.source.privatePath, node.privatePath);
      assert.equal(container.source.facts?.level, 'fast');
      const again = await run(['stage', '101', '--state-dir', dir]);
      assert.deepEqual([again.code, document(again).id], [0, document(staged).id]);
    });

    it('is not begun a second time as another one', async (t) => {
      const { at } = await withState(t);
      const other = await run(['stage', '101', '--to', 'root@other', ...at]);
      assert.equal(other.code, 78);
      assert.match(other.stderr, /to another node.*cancel.*vz-migrate-step sync 101/);
      const settings = { ...sampleDocument(), group: '/small' };
      const changed = await run(['stage', '--to', 'root@node', ...at], settings);
      assert.deepEqual([changed.code, /with other settings/.test(changed.stderr)], [78, true]);
      const same = await run(['stage', '--to', 'root@node', ...at], sampleDocument());
      assert.deepEqual([same.code, document(same).id], [0, here.id]);
    });

    it('stays when a step fails, and is found by its container’s name', async (t) => {
      const content = 'NAME="my web"\n';
      const files = [{ path: '/x', role: 'container' as const, encoding: 'utf8' as const, content }];
      const { dir, at } = await withState(t, sampleMigration({}, { host: null, files }));
      const result = await run(['cancel', 'my web', ...at]);
      assert.deepEqual([result.code, result.stdout], [69, '']);
      assert.equal((await loadMigration(dir, '101'))?.step, 'cancelling');
      assert.equal((await run(['sync', 'my mail', ...at])).code, 66);
    });

    it('75: has one run at a time; an interrupted one keeps the lock until it has cleaned up', async (t) => {
      const { dir, at } = await withState(t);
      const first = start(['transfer', '101', ...at]);
      while (!first.said.stderr.includes('waits')) await sleep(20);
      assert.equal((await run(['sync', '101', ...at])).code, 75);
      const status = await run(['status', '101', ...at]);
      assert.deepEqual([status.code, document(status).step], [0, 'stopping']);
      first.child.kill('SIGTERM');
      const next = await run(['sync', '101', '--wait', '60s', ...at]);
      assert.deepEqual([next.code, document(next).revision], [0, 4], 'after the last write of the first');
      assert.equal((await first.ended).code, 143);
      assert.equal((await loadMigration(dir, '101'))?.step, 'synced');
    });

    it('is not touched by a dry run, which takes no lock', async (t) => {
      const { dir, at } = await withState(t);
      const result = await run(['sync', '101', '-n', ...at]);
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stdout, /^nice -n 19 ionice -c 3 tar -C /m);
      assert.deepEqual(readdirSync(dir), ['101.json']);
      const none = join(dir, 'none');
      assert.equal((await run(['sync', '101', '-n', '--state-dir', none])).code, 66);
      assert.ok(!existsSync(none));
    });

    it('keeps the passphrase of the receive key out of its document and of the log', async (t) => {
      const { destination } = here;
      const { dir, at } = await withState(t, { ...here, destination: { ...destination, via: 'receive' } });
      writeFileSync(join(dir, 'secret'), 's3cret-word\n');
      const log = join(dir, 'log');
      const flags = ['--passphrase-file', join(dir, 'secret'), '--log-file', log];
      const result = await run(['sync', '101', '-v', ...flags, ...at]);
      assert.equal(result.code, 0, result.stderr);
      assert.match(readFileSync(log, 'utf8'), /receive skel \(passphrase\)/);
      for (const text of [result.stdout, result.stderr, readFileSync(log, 'utf8')])
        assert.doesNotMatch(text, /s3cret/);
      writeFileSync(join(dir, 'secret'), 'two words\n');
      assert.equal((await run(['sync', '101', ...flags, ...at])).code, 65);
    });
  });

  describe('status', () => {
    it('shows all, and what is wrong with one does not hide the others', async (t) => {
      const { dir, at } = await withState(t);
      await saveMigration(dir, sampleMigration());
      writeFileSync(statePath(dir, '100@vz6'), '{');
      const { code, stdout } = await run(['status', '--all', ...at]);
      assert.equal(code, 65);
      const rows = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.deepEqual(
        rows.map(({ kind, ctid }) => [kind, ctid]),
        [
          ['vz-error', '100'],
          ['vz-migration', '101'],
          ['vz-migration', '101'],
        ],
      );
      assert.deepEqual((await run(['status', ...at], here)).code, 0);
      assert.deepEqual(
        readdirSync(dir).filter((name) => name.endsWith('.lock')),
        [],
      );
    });
  });

  describe('what is refused', () => {
    const usage: readonly (readonly [string, RegExp])[] = [
      ['', /expected a step: stage, sync/],
      ['sink 101', /did you mean sync\?/],
      ['frob 101', /no step "frob"; steps are stage, .*, status/],
      ['sync 101 --to root@node', /--to: not with sync: that was said at stage/],
      ['sync 101 --identity x', /--identity: not with sync/],
      ['stage 101', /expected --to/],
      ['stage 101 --to root@', /expected \[USER@\]HOST/],
      ['stage 101 --to osctl-ct-receive@node --via root', /name the user that is root/],
      ['stage 101 --to node --ssh-option ProxyCommand=x', /does not go into a document/],
      ['sync 101 --max-downtime 5m', /--max-downtime: not with sync: it does not stop/],
      ['sync 101 --bwlimit 40', /--bwlimit: expected/],
      ['sync 101 --bwlimit 0M', /--bwlimit: expected/],
      ['sync 101 --wait soon', /expected a duration/],
      ['sync ./101.conf', /expected a container/],
      ['sync 101 102', /unexpected "102"/],
      ['cleanup 101 --confirm 101', /only with --delete/],
      ['cancel 101 --drop-changes', /--drop-changes: not with cancel/],
      ['status --all 101', /--all: not with a container/],
      ['status 101 --wait 5s', /--wait: not with status: it takes no lock/],
    ];
    for (const [line, message] of usage) {
      it(`64: ${line}`, async (t) => {
        const dir = diskDirectory(t);
        const result = await run([...line.split(' ').filter(Boolean), '--state-dir', dir]);
        assert.deepEqual([result.code, result.stdout], [64, ''], result.stderr);
        assert.match(result.stderr, message);
        assert.equal(result.stderr.trimEnd().split('\n').length, 1);
      });
    }

    it('documents of another kind, and those that are not what the state says', async (t) => {
      const { at } = await withState(t, { ...here, revision: 5 });
      const rows = [
        [65, sampleDocument()],
        [65, ''],
        [65, { ...here, revision: 4 }],
        [78, { ...here, revision: 6 }],
        [66, sampleMigration()],
      ] as const;
      for (const [code, input] of rows) {
        const result = await run(['sync', ...at], input);
        assert.deepEqual([result.code, result.stdout], [code, ''], result.stderr);
      }
    });
  });
}

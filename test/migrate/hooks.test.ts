import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { Log } from '../../lib/cli/log.ts';
import { Progress } from '../../lib/cli/progress.ts';
import { VzError } from '../../lib/errors.ts';
import { localHost } from '../../lib/host/local.ts';
import { checkHooks, runHook } from '../../lib/migrate/hooks.ts';
import type { Run } from '../../lib/migrate/run.ts';
import { MemoryJournal } from '../support/memory-journal.ts';
import { processesNaming } from '../support/programs.ts';
import { sampleMigration } from '../support/sample-migration.ts';

/** A directory with a `=` and a blank in its path. */
function hooks(t: TestContext, scripts: Readonly<Record<string, string>>, mode = 0o755): string {
  const directory = mkdtempSync(join(tmpdir(), 'vz2osctl-hooks a=b '));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, script] of Object.entries(scripts))
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`, { mode });
  return directory;
}

function makeRun(content = ''): {
  run: Run & { readonly journal: MemoryJournal };
  said: () => string;
  abort: AbortController;
} {
  const stderr = new PassThrough();
  let text = '';
  stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const log = new Log({ program: 'test', stderr, level: 'info' });
  const abort = new AbortController();
  const { signal } = abort;
  const files = [{ path: '/x', role: 'container' as const, encoding: 'utf8' as const, content }];
  const run = {
    journal: new MemoryJournal(sampleMigration({}, { files })),
    source: localHost,
    root: null,
    streams: { source: localHost, root: null },
    receive: null,
    login: 'ssh root@node',
    options: { bytesPerSecond: undefined, waitMs: 0, guardSeconds: 30 },
    progress: new Progress({ log, mode: 'none', what: 'test' }),
    io: {
      stdin: new PassThrough(),
      stdout: new PassThrough(),
      stdinIsTty: false,
      stdoutIsTty: false,
      stderrIsTty: false,
      stdoutIsPipe: true,
      signal,
      abort: (reason: VzError) => abort.abort(reason),
      env: process.env,
      log,
    },
  };
  return { run, said: () => text, abort };
}

const isError = (exit: number, pattern: RegExp) => (error: unknown) =>
  error instanceof VzError && error.exit === exit && pattern.test(error.line);

describe('a hook', () => {
  it('gets the document and its settings, and speaks on our stderr', async (t) => {
    const directory = hooks(t, {
      switched: 'cat >"$0.in"; echo "$VZ2OSCTL_STEP $VZ2OSCTL_CTID"; echo bad >&2; printf last',
    });
    const { run, said } = makeRun();
    await checkHooks(directory);
    const { document, notes } = run.journal;
    await runHook(run, directory, 'switched');
    assert.deepEqual(JSON.parse(readFileSync(join(directory, 'switched.in'), 'utf8')), document);
    assert.deepEqual(notes, ['begin hook switched', 'end hook switched']);
    assert.equal(
      said(),
      'test: hook switched: switched 101\ntest: hook switched: bad\ntest: hook switched: last\n',
    );
    await runHook(run, directory, 'started');
    await runHook(run, undefined, 'started');
  });

  it('need not read its stdin, however long the document is', async (t) => {
    const { run } = makeRun('x'.repeat(1_000_000));
    await runHook(run, hooks(t, { started: 'exec <&-; exit 0' }), 'started');
  });

  it('78: fails by its exit code', async (t) => {
    const { run, said } = makeRun();
    const directory = hooks(t, { 'before-stop': 'echo no; exit 3' });
    await assert.rejects(
      runHook(run, directory, 'before-stop'),
      (error: unknown) => isError(78, /exited with 3/)(error) && (error as VzError).code === 'HOOK_FAILED',
    );
    assert.match(said(), /hook before-stop: no/);
  });

  it('is ended with the run, and what it has started as well', async (t) => {
    const { run, said, abort } = makeRun();
    const directory = hooks(t, { started: 'echo go; sleep 987654 & sleep 987654' });
    const running = runHook(run, directory, 'started');
    while (!said().includes('go')) await new Promise((wake) => setTimeout(wake, 20));
    abort.abort(new VzError('INTERRUPTED', { exit: 130, what: 'stopped' }));
    await assert.rejects(running, isError(130, /stopped/));
    assert.deepEqual(processesNaming('sleep 987654'), []);
  });
});

describe('what is refused before anything is stopped', () => {
  it('66: no directory', async () => {
    await assert.rejects(checkHooks('/nonexistent'), isError(66, /no directory of hooks/));
    await checkHooks(undefined);
  });

  it('78: a hook that is not executable', async (t) => {
    const directory = hooks(t, { returned: 'exit 0', README: '' }, 0o644);
    await assert.rejects(checkHooks(directory), isError(78, /returned: cannot be run/));
    await assert.rejects(runHook(makeRun().run, directory, 'returned'), isError(78, /cannot be run/));
  });

  it('78: a directory in the place of a hook', async (t) => {
    const directory = hooks(t, {});
    mkdirSync(join(directory, 'started'));
    await assert.rejects(checkHooks(directory), isError(78, /is no regular file/));
  });

  for (const name of ['before_stop', 'before-stop.sh', 'start', 'switched~'])
    it(`78: ${name}, which nobody would run`, async (t) => {
      await assert.rejects(checkHooks(hooks(t, { [name]: '' })), isError(78, /did you mean/));
    });

  it('not other files', async (t) => {
    await checkHooks(hooks(t, { README: '', 'functions.sh': '', started: 'exit 0' }));
  });
});

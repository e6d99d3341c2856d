import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { VzError } from '../../lib/errors.ts';
import { type Lock, takeLock } from '../../lib/migrate/state/lock.ts';
import { diskDirectory } from '../support/directories.ts';
import { processesNaming } from '../support/programs.ts';

const holder = process.env['VZ2OSCTL_TEST_LOCK'];

function lock(directory: string, options: Partial<Parameters<typeof takeLock>[0]> = {}): Promise<Lock> {
  const { signal } = new AbortController();
  return takeLock({ directory, name: '101@vz6', waitMs: 0, signal, onLost: assert.fail, ...options });
}

const isHeld = (error: unknown): boolean => error instanceof VzError && error.exit === 75;

if (holder !== undefined) {
  await lock(holder);
  process.stdout.write('held\n');
  setInterval(() => {}, 1000);
} else {
  it('excludes a second run, and not one on another container', async (t) => {
    const directory = diskDirectory(t);
    const first = await lock(directory);
    await assert.rejects(lock(directory), isHeld);
    await (await lock(directory, { name: '102@vz6' })).release();
    await first.release();
    await (await lock(directory)).release();
    assert.deepEqual(readdirSync(directory), ['101@vz6.lock', '102@vz6.lock']);
  });

  it('is waited for', async (t) => {
    const directory = diskDirectory(t);
    const first = await lock(directory);
    await assert.rejects(lock(directory, { waitMs: 10 }), /works on this container/);
    const second = lock(directory, { waitMs: 60_000 });
    await first.release();
    await (await second).release();
  });

  it('is not waited for once the run is to end', async (t) => {
    const directory = diskDirectory(t);
    const first = await lock(directory);
    const abort = new AbortController();
    const second = lock(directory, { waitMs: 60_000, signal: abort.signal });
    await sleep(100);
    abort.abort(new VzError('INTERRUPTED', { exit: 130, what: 'stopped' }));
    await assert.rejects(second, /stopped/);
    await first.release();
    assert.deepEqual(processesNaming(directory), []);
  });

  it('stays with a run that is interrupted, until that has cleaned up', async (t) => {
    const directory = diskDirectory(t);
    const abort = new AbortController();
    const first = await lock(directory, { signal: abort.signal });
    abort.abort();
    await sleep(100);
    await assert.rejects(lock(directory), isHeld);
    await first.release();
  });

  it('ends with a run that is killed', async (t) => {
    const directory = diskDirectory(t);
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
      env: { ...process.env, VZ2OSCTL_TEST_LOCK: directory },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await assert.rejects(lock(directory), isHeld);
    child.kill('SIGKILL');
    await (await lock(directory, { waitMs: 10_000 })).release();
    assert.deepEqual(processesNaming(directory), []);
  });

  it('tells when somebody ends the process that holds it', async (t) => {
    const directory = diskDirectory(t);
    const lost = new Promise<VzError>((settle) => void lock(directory, { onLost: settle }));
    for (let tries = 0; processesNaming(directory).length === 0 && tries < 100; tries += 1) await sleep(50);
    await sleep(200);
    const [pid = ''] = processesNaming(directory)[0]?.split(' ') ?? [];
    execFileSync('kill', ['-9', '--', `-${pid}`]);
    assert.equal((await lost).code, 'LOCK_LOST');
  });

  it('73: where no file can be made', async (t) => {
    await assert.rejects(
      lock(join(diskDirectory(t), 'none')),
      (error: unknown) => error instanceof VzError && error.exit === 73 && /No such file/.test(error.line),
    );
  });
}

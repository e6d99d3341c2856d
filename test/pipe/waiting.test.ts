import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const WAITING: readonly (readonly string[])[] = [
  ['vz-parse-config', '--ctid=101'],
  ['vz-to-osctl'],
  ['vz-report'],
  ['vz-rootfs-tar'],
  ['osctl-bundle'],
];

for (const [name = '', ...args] of WAITING) {
  test(`${name} ends with 143 when SIGTERM comes while it waits for its input`, async () => {
    const child = spawn(resolve('dist/bin', name), args, { stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = once(child, 'close');
    // Its handlers are there when it has been up for a moment; how long that takes is not what is tested.
    await sleep(1000);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [143, null]);
  });
}

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Migration } from '../migrations.ts';

/** One connection for each login, that all commands of all runs go through: a thousand cases are no thousand handshakes. */
export async function startMasters(t: TestContext, { env }: Migration, dir: string): Promise<void> {
  for (const [login, name] of LOGINS) {
    const socket = join(dir, `${name}.master`);
    const master = spawn('ssh', ['-M', '-N', '-S', socket, '-o', 'LogLevel=ERROR', ...login.split(' ')], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    t.after(() => master.kill());
    for (let tries = 0; !existsSync(socket); tries += 1) {
      assert.ok(tries < 400 && master.exitCode === null, `no connection to ${login}`);
      await sleep(25);
    }
  }
}

const LOGINS = [
  ['-l root -- vz6', 'vz6'],
  ['-l root -- node', 'node'],
  ['-l osctl-ct-receive -- node', 'osctl-ct-receive'],
] as const;

import { setTimeout as sleep } from 'node:timers/promises';
import type { Io } from '../cli/io.ts';
import { EXIT, VzError } from '../errors.ts';
import type { GuardOptions } from '../guard/guard.ts';
import { Guard } from '../guard/guard.ts';
import type { Host } from '../host/host.ts';

const RETRY_MS = 2000;

/** Starts a guard; while the container is locked, tries again for `waitMs`. Throws what `Guard.start` throws. */
export async function takeGuard(host: Host, options: GuardOptions, waitMs: number, io: Io): Promise<Guard> {
  const deadlineMs = Date.now() + waitMs;
  for (;;) {
    try {
      const guard = await Guard.start(host, options);
      if (guard.recovered) {
        io.log.warning(`ct ${options.ctid}: a dead run had left it stopped; it was started again`);
      }
      return guard;
    } catch (error) {
      const retry = error instanceof VzError && error.exit === EXIT.tempFail && Date.now() < deadlineMs;
      if (!retry) throw error;
      io.log.info(`${error.line}; waiting`);
      await sleep(RETRY_MS, undefined, { signal: io.signal });
    }
  }
}

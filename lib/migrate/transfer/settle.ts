import { formatDuration } from '../../cli/units.ts';
import { EXIT, VzError } from '../../errors.ts';
import type { Run } from '../run.ts';
import { onePass } from '../steps/sync.ts';
import { wayOf } from '../ways.ts';

/**
 * Sends what has changed until now, so that little is left for the time when the container is down: once, or, with a
 * promise, again until the last pass fits it. Returns the predicted downtime in milliseconds. Throws VzError (78) when it
 * does not come to fit, with nothing stopped.
 */
export async function warmUp(run: Run, maxDowntimeMs: number | undefined): Promise<number> {
  const { ctid } = run.journal.document;
  const where = `ct ${ctid}`;
  let predictedMs = Number.POSITIVE_INFINITY;
  for (let round = 1; round <= ROUNDS; round += 1) {
    await onePass(run);
    run.io.signal.throwIfAborted();
    const { walkMs, dataMs } = await wayOf(run.journal.document).predict(run);
    const before = predictedMs;
    predictedMs = Math.round(walkMs + dataMs + STOP_START_MS);
    const parts = `stop and start ${formatDuration(STOP_START_MS)}, looking ${formatDuration(walkMs)}, data ${formatDuration(dataMs)}`;
    run.io.log.info(`${where}: would be down for about ${formatDuration(predictedMs)} (${parts})`);
    if (maxDowntimeMs === undefined || predictedMs <= maxDowntimeMs) return predictedMs;
    // It writes as fast as we send: another pass would find as much.
    if (predictedMs > before * WORTH_IT) break;
  }
  throw new VzError('DOWNTIME_TOO_LONG', {
    exit: EXIT.refused,
    where,
    what: `would be down for about ${formatDuration(predictedMs)}, more than --max-downtime ${formatDuration(maxDowntimeMs ?? 0)}`,
    hint: 'nothing was stopped; allow more, or try when it writes less',
  });
}

export const ROUNDS = 6;
const WORTH_IT = 0.9;
/** vzctl stop and osctl ct start themselves: halt, init scripts, mounting. */
export const STOP_START_MS = 10_000;

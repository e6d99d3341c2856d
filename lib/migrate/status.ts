import type { Io } from '../cli/io.ts';
import { errorDocument, worse } from '../cli/stage.ts';
import { formatDuration } from '../cli/units.ts';
import type { VzMigration } from '../documents/documents.ts';
import { writeDocument } from '../documents/ndjson.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT, VzError } from '../errors.ts';
import { downtimeMs, nextCommand, nounOf, passesOf } from './describe.ts';
import type { Kept } from './state/store.ts';

export interface StatusOptions {
  readonly io: Io;
  /** Of `--state-dir`; undefined: not given. */
  readonly stateDir: string | undefined;
}

/**
 * Says how far migrations are: lines for people on a terminal, else documents. One that cannot be read takes its place as
 * vz-error, and the rest goes on. Returns the worst exit code.
 */
export async function showStatus(
  migrations: AsyncIterable<Kept> | Iterable<Kept>,
  { io, stateDir }: StatusOptions,
): Promise<ExitCode> {
  let exit: ExitCode = EXIT.ok;
  for await (const { name, savedAt, load } of migrations) {
    try {
      const document = await load();
      if (document === null) continue;
      if (!io.stdoutIsTty) await writeDocument(io.stdout, document);
      else io.stdout.write(`${statusLine(document, { ageMs: Date.now() - savedAt.getTime(), stateDir })}\n`);
    } catch (error) {
      if (!(error instanceof VzError)) throw error;
      io.log.error(error.line);
      exit = worse(exit, error.exit);
      if (!io.stdoutIsTty)
        await writeDocument(io.stdout, errorDocument(error, 'vz-migrate-step', name.replace(/@.*/s, '')));
    }
  }
  return exit;
}

export interface StatusLineOptions {
  /** Since the last thing that was done. */
  readonly ageMs: number;
  readonly stateDir: string | undefined;
}

/** `root@vz6:101  synced  since 12 min  2 passes  about 8.0 s down  next: vz-migrate-step transfer root@vz6:101`. Pure. */
export function statusLine(document: VzMigration, { ageMs, stateDir }: StatusLineOptions): string {
  const parts = [
    nounOf(document),
    document.step,
    `since ${formatDuration(Math.max(0, ageMs))}`,
    passesOf(document),
    downtime(document),
    document.doing === null ? '' : `in the middle of ${document.doing.effect}`,
    `next: ${nextCommand(document, stateDir)}`,
  ];
  return parts.filter((part) => part !== '').join('  ');
}

function downtime(document: VzMigration): string {
  const ms = downtimeMs(document);
  if (ms !== null) return `${formatDuration(ms)} down`;
  const { transfer } = document;
  if (transfer?.stoppedAt) return `stopped at ${transfer.stoppedAt}`;
  const predictedMs = transfer?.predictedMs ?? null;
  return predictedMs === null ? '' : `about ${formatDuration(predictedMs)} down`;
}

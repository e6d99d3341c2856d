import { fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { writeDocument } from '../documents/ndjson.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT } from '../errors.ts';
import { openHost } from '../host/open.ts';
import { sshLogin } from '../host/openssh.ts';
import { readArchiveHead } from './archive-head.ts';
import type { Destination } from './destination.ts';
import { parseDestination } from './destination.ts';
import type { ImportJob, Preflight } from './import.ts';
import { checkBeforehand, importArchive } from './import.ts';
import type { ImportOptions } from './import-options.ts';
import { readImportOptions } from './import-options.ts';
import { commandByHand } from './print-command.ts';

/** The program osctl-import. */
export async function osctlImport(flags: Flags, io: Io): Promise<ExitCode> {
  const options = readImportOptions(flags);
  const [operand] = flags.operands;
  const ssh = { identity: flags.text('identity'), options: flags.list('ssh-option') };
  const destination = operand === undefined ? undefined : parseDestination(operand, ssh);
  if (flags.on('print-command')) {
    io.stdout.write(`${commandByHand(options, destination?.pool ?? null)}\n`);
    return EXIT.ok;
  }
  if (!destination) throw usage('expected [USER@]HOST[:POOL]');
  if (io.stdinIsTty) throw usage('expected an archive on stdin, which is a terminal');
  const cancelInput = (reason: Error): void => void io.stdin.destroy(reason);
  const onAbort = (): void => cancelInput(io.signal.reason);
  io.signal.addEventListener('abort', onAbort, { once: true });
  // Whoever reads it gets the error; when nobody does any more, it must not end the process.
  io.stdin.on('error', () => {});
  try {
    const job = await makeJob(destination, options, io, cancelInput);
    return flags.on('dry-run') ? await check(job, io) : await importAndReport(job, io);
  } finally {
    io.signal.removeEventListener('abort', onAbort);
  }
}

async function makeJob(
  destination: Destination,
  options: ImportOptions,
  io: Io,
  cancelInput: (reason: Error) => void,
): Promise<ImportJob> {
  const { stdin, signal, log } = io;
  const head = await readArchiveHead(io);
  const archiveBytes = head.bare ? null : regularFileBytes(stdin);
  const host = openHost(destination.host);
  return {
    host,
    login: sshLogin(destination.host),
    pool: destination.pool,
    head,
    options,
    archiveBytes,
    cancelInput,
    signal,
    log,
  };
}

/** `-n`: only looks. */
async function check(job: ImportJob, io: Io): Promise<ExitCode> {
  const preflight = await checkBeforehand(job);
  const ok = preflight.refusals.length === 0;
  await writeDocument(io.stdout, checkReport(job, preflight, ok), true);
  return ok ? EXIT.ok : EXIT.refused;
}

function checkReport({ host }: ImportJob, preflight: Preflight, ok: boolean): object {
  const { id, pool, dataset, space, neededBytes, refusals, warnings } = preflight;
  return {
    kind: 'import-check',
    ok,
    host: host.label,
    pool: pool.name,
    id,
    dataset,
    spoolDir: space.spoolDir,
    // Decimal strings, as all sizes that may pass 2^53.
    availableBytes: space.availableBytes?.toString() ?? null,
    neededBytes: neededBytes?.toString() ?? null,
    refusals,
    warnings,
  };
}

async function importAndReport(job: ImportJob, io: Io): Promise<ExitCode> {
  if (job.head.bare)
    throw usage('expected an archive on stdin, got a document', 'a document is enough for -n only');
  const report = await importArchive(job);
  await writeDocument(io.stdout, report, true);
  const failed = report.followUps.filter(({ done }) => !done);
  for (const { command, error } of failed) {
    io.log.error(
      `${report.host}: ${report.pool}:${report.id} is imported, but ${command} ${error}; run it there`,
    );
  }
  return failed.length === 0 ? EXIT.ok : EXIT.unavailable;
}

function regularFileBytes(stdin: Readable): bigint | null {
  if (!('fd' in stdin) || typeof stdin.fd !== 'number') return null;
  const status = fstatSync(stdin.fd);
  return status.isFile() ? BigInt(status.size) : null;
}

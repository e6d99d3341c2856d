import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { counted, openProgress, regularFileBytes } from '../cli/progress.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { writeDocument } from '../documents/ndjson.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT } from '../errors.ts';
import { isFixed } from '../guest/apply.ts';
import type { Selection } from '../guest/select.ts';
import { selectFixes } from '../guest/select.ts';
import { fixByHand, tellFixes } from '../guest/tell.ts';
import { openHost } from '../host/open.ts';
import { sshLogin } from '../host/ssh-arguments.ts';
import { readSshFlags } from '../ssh/flags.ts';
import { readArchiveHead } from './archive-head.ts';
import { readIgnored } from './blockers.ts';
import type { Destination } from './destination.ts';
import { parseDestination } from './destination.ts';
import type { FollowUpResult } from './follow-ups.ts';
import { followUpRow } from './follow-ups.ts';
import { importArchive } from './import.ts';
import type { ImportJob, Preflight } from './import-job.ts';
import { readImportOptions } from './import-options.ts';
import { lookBeforeImport } from './look.ts';
import { commandByHand } from './print-command.ts';

/** The program osctl-import. */
export async function osctlImport(flags: Flags, io: Io): Promise<ExitCode> {
  const options = readImportOptions(flags);
  const ignored = readIgnored(flags);
  const [operand] = flags.operands;
  const ssh = readSshFlags(flags, { travels: false, env: io.env });
  const destination = operand === undefined ? undefined : parseDestination(operand, ssh);
  if (flags.on('print-command')) {
    if (ignored.size > 0) throw usage('--ignore: the printed command looks at no blockers');
    if (options.apply)
      throw usage('--apply cannot be part of --print-command', 'osctl-import -n prints the follow-ups');
    if (options.guestFix)
      throw usage('--guest-fix cannot be part of --print-command', 'vz-guest-fix writes the script');
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
    const job = await makeJob({ destination, options, ignored, io, cancelInput });
    return flags.on('dry-run') ? await check(job, io) : await importAndReport(job, flags, io);
  } finally {
    io.signal.removeEventListener('abort', onAbort);
  }
}

interface JobRequest extends Pick<ImportJob, 'options' | 'ignored' | 'cancelInput'> {
  readonly destination: Destination;
  readonly io: Io;
}

async function makeJob({ destination, options, ignored, io, cancelInput }: JobRequest): Promise<ImportJob> {
  const { stdin, signal, log } = io;
  const head = await readArchiveHead(io);
  const size = head.bare ? null : regularFileBytes(stdin);
  const host = openHost(destination.host, (line) => log.warning(line));
  return {
    host,
    login: sshLogin(destination.host),
    pool: destination.pool,
    head,
    options,
    ignored,
    archiveBytes: size === null ? null : BigInt(size),
    cancelInput,
    signal,
    log,
  };
}

/** `-n`: only looks. */
async function check(job: ImportJob, io: Io): Promise<ExitCode> {
  const preflight = await lookBeforeImport(job);
  const ok = preflight.refusals.length === 0;
  await writeDocument(io.stdout, checkReport(job, preflight, ok), true);
  const { name } = preflight.pool;
  const when = job.options.apply
    ? 'with --apply these will run there'
    : 'run there as root, or import with --apply';
  sayLeft(io, preflight.followUps, `${job.host.label}: after the import of ${name}:${preflight.id}, ${when}`);
  const { guestFix } = job.options;
  if (guestFix) io.log.info(`guest fixes: ${fixIds(job.head.document, guestFix).join(', ')}`);
  return ok ? EXIT.ok : EXIT.refused;
}

function checkReport(
  { host, options, head: { document } }: ImportJob,
  preflight: Preflight,
  ok: boolean,
): object {
  const { id, pool, dataset, space, neededBytes, refusals, warnings } = preflight;
  return {
    kind: 'import-check',
    ok,
    host: host.label,
    pool: pool.name,
    id,
    dataset,
    spoolDir: options.direct ? null : space.spoolDir,
    // Decimal strings, as all sizes that may pass 2^53.
    availableBytes: space.availableBytes?.toString() ?? null,
    neededBytes: neededBytes?.toString() ?? null,
    refusals,
    warnings,
    followUps: preflight.followUps.map(followUpRow),
    guestFixes: options.guestFix ? fixIds(document, options.guestFix) : [],
  };
}

async function importAndReport(job: ImportJob, flags: Flags, io: Io): Promise<ExitCode> {
  if (job.head.bare)
    throw usage('expected an archive on stdin, got a document', 'a document is enough for -n only');
  const progress = openProgress(flags, io, `to ${job.host.label}`);
  if (job.archiveBytes !== null) progress.expect(Number(job.archiveBytes));
  const head = { ...job.head, bytes: counted(job.head.bytes, progress) };
  const report = await importArchive({ ...job, head }).finally(() => progress.stop());
  const { host, pool, id, followUps } = report;
  await writeDocument(io.stdout, { ...report, followUps: followUps.map(followUpRow) }, true);
  const failures = followUps.flatMap(({ error }) => error ?? []);
  for (const failure of failures) io.log.error(failure.line);
  const { guestFixes } = report;
  if (guestFixes)
    tellFixes(io.log, `${host}: ${pool}:${id}`, guestFixes, fixByHand(job.login, `${pool}:${id}`));
  const left = followUps.filter(({ done, error }) => !done && error === null);
  sayLeft(io, left, `${host}: left to do for ${pool}:${id}, by hand as root there (--apply does it)`);
  return failures.length === 0 && (!guestFixes || isFixed(guestFixes)) ? EXIT.ok : EXIT.unavailable;
}

function fixIds(document: OsctlContainer, selection: Selection): string[] {
  return selectFixes(document.config.distribution, selection).map(({ fix }) => fix.id);
}

/** One line for people, then commands that can be pasted as they are. */
function sayLeft(io: Io, followUps: readonly FollowUpResult[], title: string): void {
  if (followUps.length === 0) return;
  io.log.info(`${title}:`);
  io.log.block(followUps.map(({ command }) => `${command}\n`).join(''));
}

import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { openProgress, type Progress } from '../cli/progress.ts';
import { writeDocument } from '../documents/ndjson.ts';
import type { VzConfig } from '../documents/vz-config.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT, VzError } from '../errors.ts';
import { readSshFlags } from '../ssh/flags.ts';
import type { DescribeOptions } from './describe.ts';
import { describe, warningText } from './describe.ts';
import type { Job, JobOptions } from './jobs.ts';
import { listJobs, listNodes } from './jobs.ts';

/**
 * The work of vz-parse-config: each container becomes a vz-config document on stdout, or a vz-error when it cannot be
 * read, and the rest goes on. Warnings go to stderr. Returns the worst exit code; throws VzError (64) before anything
 * is read.
 */
export async function parseConfigs(flags: Flags, io: Io): Promise<ExitCode> {
  if (flags.on('schema')) {
    const { jsonSchema } = await import('../documents/validate.ts');
    await writeDocument(io.stdout, jsonSchema('vz-config'), true);
    return EXIT.ok;
  }
  const { operands } = flags;
  const all = flags.on('all');
  if (flags.on('probe')) return probeNodes(flags, io);
  const readsStdin = !all && (operands.length === 0 || operands.includes('-'));
  if (readsStdin && io.stdinIsTty) throw usage('expected a container, a file, or a config on stdin');
  const progress = openProgress(flags, io, 'looked at', 'containers');
  const onListed = (count: number): void => progress.expect(count);
  const jobs = listJobs({ ...jobOptions(flags, io), onListed });
  try {
    return await parseAll(jobs, flags, io, progress);
  } finally {
    progress.stop();
  }
}

async function parseAll(
  jobs: ReturnType<typeof listJobs>,
  flags: Flags,
  io: Io,
  progress: Progress,
): Promise<ExitCode> {
  const said = new Set<string>();
  let exit: ExitCode = EXIT.ok;
  for await (const job of jobs) {
    io.signal.throwIfAborted();
    try {
      const options = optionsFor(job, flags, io);
      const document = await describe(await job.load(options), options);
      for (const line of newWarnings(document, said)) io.log.warning(line);
      await writeDocument(io.stdout, document, flags.on('pretty'));
    } catch (error) {
      io.signal.throwIfAborted();
      if (!(error instanceof VzError)) throw error;
      exit = await writeError(error, job, exit, io, flags.on('pretty'));
    }
    progress.add(1);
  }
  return exit;
}

/** `--probe`: each node as one JSON object. One that cannot be reached does not keep the others from being told. */
async function probeNodes(flags: Flags, io: Io): Promise<ExitCode> {
  const other = ['all', 'strict', 'pretty'].find((name) => flags.on(name));
  const valued = ['ctid', 'facts'].find((name) => flags.text(name) !== undefined);
  if (other !== undefined || valued !== undefined) throw usage(`--${other ?? valued}: not with --probe`);
  let exit: ExitCode = EXIT.ok;
  for (const node of listNodes(jobOptions(flags, io))) {
    try {
      const { facts } = await node.survey(io.signal);
      await writeDocument(io.stdout, { kind: 'vz-node', host: node.reference, ...facts }, true);
    } catch (error) {
      io.signal.throwIfAborted();
      if (!(error instanceof VzError)) throw error;
      io.log.error(error.line);
      const { worse } = await import('../cli/stage.ts');
      exit = worse(exit, error.exit);
    }
  }
  return exit;
}

/** What the flags of vz-parse-config say of the containers to read. Throws VzError (64). */
export function jobOptions(flags: Flags, io: Io): JobOptions {
  return {
    operands: flags.operands,
    all: flags.on('all'),
    ctid: flags.text('ctid'),
    confDir: flags.text('conf-dir'),
    stdin: io.stdin,
    ssh: readSshFlags(flags, { travels: true, env: io.env }),
    say: (line) => io.log.detail(line),
    warn: (line) => io.log.warning(line),
    signal: io.signal,
  };
}

/** Nothing is looked up for a file or for stdin unless asked: it may be from anywhere. */
export function optionsFor({ kind }: Job, flags: Flags, { signal }: Io): DescribeOptions {
  const level = flags.text('facts') ?? (kind === 'file' || kind === 'stdin' ? 'none' : 'fast');
  const facts = level === 'fast' || level === 'deep' ? level : 'none';
  return { facts, strict: flags.on('strict'), signal };
}

/** What holds for a whole node is said once, however many containers it has. */
function newWarnings({ ctid, warnings }: VzConfig, said: Set<string>): string[] {
  return warnings.flatMap((warning) => {
    const isOfNode = warning.line === null;
    if (isOfNode && said.has(warning.text)) return [];
    if (isOfNode) said.add(warning.text);
    return [`ct ${ctid}: ${warningText(warning)}`];
  });
}

/** The stage helpers bring the schemas with them, which a run without errors can do without. */
async function writeError(
  error: VzError,
  { ctid }: Job,
  exit: ExitCode,
  io: Io,
  pretty: boolean,
): Promise<ExitCode> {
  const { errorDocument, worse } = await import('../cli/stage.ts');
  io.log.error(error.line);
  await writeDocument(io.stdout, errorDocument(error, 'vz-parse-config', ctid), pretty);
  return worse(exit, error.exit);
}

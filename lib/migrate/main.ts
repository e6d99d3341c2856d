import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { nearest } from '../cli/nearest.ts';
import { openProgress } from '../cli/progress.ts';
import type { OsctlContainer, VzMigration } from '../documents/documents.ts';
import { writeDocument } from '../documents/ndjson.ts';
import { jsonSchema } from '../documents/validate.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT } from '../errors.ts';
import { guardSeconds } from '../export/flags.ts';
import { readIgnored, refuseBlockers } from '../osctl/blockers.ts';
import { describe } from './describe.ts';
import { openHosts } from './hosts.ts';
import { newMigration, readDestination, requireSame, type WantedDestination } from './new-migration.ts';
import { readPassphrase } from './passphrase.ts';
import type { RunOptions } from './run.ts';
import { requireAgreement } from './state/agree.ts';
import { makeStateDirectory, stateDirectory } from './state/directory.ts';
import { openJournal } from './state/journal.ts';
import { takeLock } from './state/lock.ts';
import { listMigrations, loadMigration, removeMigration } from './state/store.ts';
import { showStatus } from './status.ts';
import { bytesPerSecond, readStepOptions, refuseOtherFlags } from './step-flags.ts';
import type { Step, StepName, StepOptions, Steps } from './steps/step.ts';
import { STEP_NAMES } from './steps/step.ts';
import { findSubject, noMigration, type Subject, subjectOf } from './subject.ts';

/**
 * The program vz-migrate-step: one step of one container's migration, or the state of some. Throws VzError: 64 bad flags, 65
 * and 78 a document that is not what the state says, 66 no such migration, 73 and 74 the state cannot be kept, 75 another run is at
 * it; what the steps throw. `container`: the one to begin with, where it is known already, in the place of stdin and of
 * the operand.
 */
export async function migrateStep(
  flags: Flags,
  io: Io,
  steps: Steps,
  container?: OsctlContainer,
): Promise<ExitCode> {
  if (flags.on('schema')) {
    await writeDocument(io.stdout, jsonSchema('vz-migration'), true);
    return EXIT.ok;
  }
  const [word] = flags.operands;
  if (word === 'status') {
    refuseOtherFlags(flags, word);
    return status(flags, io);
  }
  const name = findStep(word);
  refuseOtherFlags(flags, name);
  const context: Context = {
    flags,
    io,
    name,
    directory: stateDirectory(flags.text('state-dir'), io.env),
    destination: readDestination(flags, io.env),
    options: await readRunOptions(flags, io.env),
    stepOptions: readStepOptions(flags),
    ignored: readIgnored(flags),
  };
  const subject = container
    ? subjectOf(container)
    : await findSubject(flags, io, { action: name, directory: context.directory });
  await withLock(context, subject, async () => perform(context, steps[name], await takeUp(context, subject)));
  return EXIT.ok;
}

/** All that the command line says, checked before anything is done. */
interface Context {
  readonly flags: Flags;
  readonly io: Io;
  readonly name: StepName;
  readonly directory: string;
  readonly destination: WantedDestination | undefined;
  readonly options: RunOptions;
  readonly stepOptions: StepOptions;
  /** Codes of blockers that the container may have all the same. */
  readonly ignored: ReadonlySet<string>;
}

function findStep(word: string | undefined): StepName {
  const known = [...STEP_NAMES, 'status'];
  if (word === undefined) throw usage(`expected a step: ${known.join(', ')}`);
  const name = STEP_NAMES.find((one) => one === word);
  if (name) return name;
  const guess = nearest(word, known);
  const hint = guess === undefined ? `steps are ${known.join(', ')}` : `did you mean ${guess}?`;
  throw usage(`no step ${JSON.stringify(word)}`, hint);
}

async function status(flags: Flags, io: Io): Promise<ExitCode> {
  const directory = stateDirectory(flags.text('state-dir'), io.env);
  const options = { io, stateDir: flags.text('state-dir') };
  if (flags.on('all')) {
    if (flags.operands.length > 1) throw usage('--all: not with a container');
    return showStatus(listMigrations(directory), options);
  }
  const { name, migration } = await findSubject(flags, io, { action: 'status', directory });
  for await (const kept of listMigrations(directory)) {
    if (kept.name === name) return showStatus([kept], options);
  }
  if (migration) requireAgreement(migration, null, { directory, name });
  throw noMigration(name, directory);
}

async function readRunOptions(flags: Flags, env: NodeJS.ProcessEnv): Promise<RunOptions> {
  const file = flags.text('passphrase-file');
  return {
    bytesPerSecond: bytesPerSecond(flags),
    waitMs: flags.durationMs('wait') ?? 0,
    guardSeconds: guardSeconds(env),
    passphrase: file === undefined ? undefined : await readPassphrase(file),
  };
}

/** Whoever only looks takes no lock, and makes no directory for one. */
async function withLock<T>(context: Context, { name }: Subject, work: () => Promise<T>): Promise<T> {
  const { io, directory, options, stepOptions } = context;
  if (stepOptions.dryRun) return work();
  await makeStateDirectory(directory);
  const { signal, abort } = io;
  const lock = await takeLock({ directory, name, waitMs: options.waitMs, signal, onLost: abort });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** The migration that is under way, or for a step that begins one, a new one. */
async function takeUp(
  { flags, io, directory, name: action, destination }: Context,
  { name, migration, container }: Subject,
): Promise<VzMigration> {
  const stored = await loadMigration(directory, name);
  if (migration) requireAgreement(migration, stored, { directory, name });
  const begins = action === 'stage' || action === 'now';
  if (stored && !(begins && destination && isUntouched(stored))) {
    if (begins) requireSame(stored, destination, container);
    return stored;
  }
  if (!begins) throw noMigration(name, directory);
  if (!destination) throw usage('expected --to [USER@]HOST[:POOL]', 'which node shall it move to?');
  if (container) return newMigration(container, destination);
  const { readContainer } = await import('./read-container.ts');
  const [, word = ''] = flags.operands;
  return newMigration(await readContainer(word, flags.text('conf-dir'), io), destination);
}

/** Its stage was refused: nothing was made, and it may begin anew with other words. */
function isUntouched({ step, doing, target }: VzMigration): boolean {
  return step === 'staging' && doing === null && target === null;
}

async function perform(context: Context, step: Step, document: VzMigration): Promise<void> {
  const { flags, io, directory, options, stepOptions, ignored } = context;
  if (mayBeRefused(context.name, document)) {
    for (const { text } of refuseBlockers(document.container, ignored))
      io.log.warning(`ct ${document.ctid}: ${text}`);
  }
  if (stepOptions.dryRun) return printPlan(context, document);
  const journal = openJournal(directory, document, (line) => io.log.detail(`ct ${document.ctid}: ${line}`));
  const hosts = openHosts(document, {
    hostKeyChecking: flags.text('host-key-checking') === 'accept-new' ? 'accept-new' : 'yes',
    secret: options.passphrase,
    showsSecret: flags.text('ssh') === 'openssh',
    io,
  });
  const progress = openProgress(flags, io, `ct ${document.ctid}`);
  try {
    await step({ journal, ...hosts, options, progress, io }, stepOptions);
  } finally {
    progress.stop();
  }
  await finish(journal.document, context);
}

/** Steps that bring it to the new node, as long as it does its work on the old one: later, a refusal would help nobody. */
function mayBeRefused(name: StepName, { step }: VzMigration): boolean {
  const goesThere = name === 'stage' || name === 'transfer' || name === 'now';
  return goesThere && (step === 'staging' || step === 'staged' || step === 'synced');
}

/** What the step would do. Neither node is touched, and nothing is kept. */
async function printPlan(
  { flags, io, name, options, stepOptions }: Context,
  document: VzMigration,
): Promise<void> {
  const { planStep } = await import('./plan/plan.ts');
  const lines = planStep(name, document, {
    ...stepOptions,
    now: new Date(),
    bytesPerSecond: options.bytesPerSecond,
    passphraseFile: flags.text('passphrase-file'),
    stateDir: flags.text('state-dir'),
  });
  io.stdout.write(`${lines.join('\n')}\n`);
}

/** A migration that has ended is forgotten; of any other one it is said how it goes on. */
async function finish(document: VzMigration, { flags, io, directory }: Context): Promise<void> {
  const ended = document.step === 'cleaning' || document.step === 'cancelling';
  if (ended) await removeMigration(directory, document);
  if (!io.stdoutIsTty) await writeDocument(io.stdout, document);
  else if (!ended) io.stdout.write(`${describe(document, flags.text('state-dir'))}\n`);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, VzError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { describeExit, run as runOn } from '../../host/run.ts';
import { recogniseOsctlError } from '../../osctl/osctl-errors.ts';
import type { Run } from '../run.ts';
import { lookCommands } from './look.ts';
import { ourTarget, targetWord } from './shown.ts';

/**
 * `osctl ct start`, which waits for two minutes by itself. Whatever it says, `ct show` decides. Returns when it was started.
 * Throws VzError: 69 and code START_FAILED when it is proved that it does not run; 76 when nobody can tell.
 */
export async function startTarget(run: Run, root: Host): Promise<Date> {
  const ct = targetWord(run);
  const { state, said, at } = await changeState(run, root, 'start');
  if (state === 'running') return at;
  throw new VzError('START_FAILED', {
    exit: EXIT.unavailable,
    where: `${root.label}: ${ct}`,
    what: `does not start: ${said ?? `its state is ${state}`}`,
    hint: `look: ${run.login} osctl ct log path ${ct}`,
  });
}

/** `osctl ct stop`, proved. Throws VzError: 69, 76. */
export async function stopTarget(run: Run, root: Host): Promise<void> {
  const ct = targetWord(run);
  const { state, said } = await changeState(run, root, 'stop');
  if (state === 'stopped' || state === 'staged' || state === null) return;
  throw new VzError('STOP_FAILED', {
    exit: EXIT.unavailable,
    where: `${root.label}: ${ct}`,
    what: `could not be stopped: ${said ?? `its state is ${state}`}`,
    hint: `stop it, and run this again: ${run.login} osctl ct stop ${ct}`,
  });
}

/** Sets what lets it start at the node's next boot, or takes it away. Throws VzError (69). */
export async function setAutostart(run: Run, root: Host, on: boolean): Promise<void> {
  const { autostart } = run.journal.document.container.config;
  if (on && !autostart) return;
  const ct = targetWord(run);
  const flags = autostart ? ['-p', String(autostart.priority), '-d', String(autostart.delay)] : [];
  const argv = on ? ['ct', 'set', 'autostart', ...flags, ct] : ['ct', 'unset', 'autostart', ct];
  const failed = await run.journal.effect(`osctl ct ${on ? 'set' : 'unset'} autostart`, () =>
    tryOsctl(root, argv),
  );
  if (failed === null) return;
  throw new VzError('OSCTL_FAILED', {
    exit: EXIT.unavailable,
    where: root.label,
    what: `osctl ${argv.slice(0, 3).join(' ')}: ${failed}`,
  });
}

/** What osctl answered; null: it did as it was told. */
type Said = string | null;

/**
 * Both verbs do nothing where nothing is to be done, and osctld does one thing on a container at a time: so one whose
 * answer was lost is repeated, and behind the answer nothing is on its way any more. Throws VzError (76).
 */
async function changeState(
  run: Run,
  root: Host,
  verb: 'start' | 'stop',
): Promise<{ readonly state: string | null; readonly said: Said; readonly at: Date }> {
  for (let tries = 1; ; tries += 1) {
    try {
      const argv = ['ct', verb, targetWord(run)];
      const said = await run.journal.effect(`osctl ct ${verb}`, () => tryOsctl(root, argv));
      const at = new Date();
      const shown = await ourTarget(run, root);
      if (!shown || !MOVING.has(shown.state)) return { state: shown?.state ?? null, said, at };
      if (tries >= TRIES) throw unknown(run, root, verb, `its state is ${shown.state}`);
    } catch (error) {
      const isLost = error instanceof VzError && error.code !== 'OUTCOME_UNKNOWN';
      if (!isLost || tries >= TRIES) throw isLost ? unknown(run, root, verb, error.message) : error;
    }
    await sleep(RETRY_MS);
  }
}

/** Throws VzError when the link is lost, or never came about. */
async function tryOsctl(root: Host, words: readonly string[]): Promise<Said> {
  const result = await runOn(root, ['osctl', '-q', ...words]);
  if (result.code === 0) return null;
  const known = recogniseOsctlError(result.stderr);
  if (known) return known.text;
  // Without a word of osctl's own it was killed, or its daemon went away.
  throw new VzError('OSCTL_FAILED', {
    exit: EXIT.unavailable,
    where: root.label,
    what: `osctl ${words.slice(0, 2).join(' ')} ${describeExit(result)}`,
  });
}

function unknown(run: Run, root: Host, verb: string, what: string): VzError {
  return new VzError('OUTCOME_UNKNOWN', {
    exit: EXIT.unknownOutcome,
    where: `${root.label}: ${targetWord(run)}`,
    what: `nobody knows how its ${verb} ended: ${what}`,
    hint: `neither side is touched; look first: ${lookCommands(run)}`,
  });
}

/** LXC's states on the way to another one. */
const MOVING = new Set(['starting', 'stopping', 'aborting', 'freezing', 'thawed', 'unknown']);
const TRIES = 5;
const RETRY_MS = 2000;

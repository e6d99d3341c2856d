import { EXIT, VzError } from '../../errors.ts';
import { runChecked } from '../../host/run.ts';
import type { ShownContainer } from '../../osctl/node-state.ts';
import { MADE_ATTRIBUTE, MIGRATION_ATTRIBUTE } from '../attributes.ts';
import type { Run } from '../run.ts';
import { seeTarget } from '../target/shown.ts';
import script from './discard.sh';
import { type Names, namesOf, rootOf, runStep, untilAnswered } from './node-script.ts';
import settle from './settle.sh';

/**
 * Deletes the container that was made, with the user and the groups that were made for it, and proves that they are
 * gone. One without our attribute is never touched. Throws VzError: 69, 76.
 */
export async function discard(run: Run): Promise<void> {
  await untilAnswered(run, async () => {
    // A run whose link was lost may still be at it.
    await runStep(run, { script: settle, names: { ct: '', dataset: '' } });
    const shown = await seeTarget(run, rootOf(run));
    const names = run.journal.document.target ? namesOf(run) : shown && namesIn(shown);
    if (names) await discardNamed(run, names, shown);
  });
}

async function discardNamed(run: Run, names: Names, shown: ShownContainer | null): Promise<void> {
  const made = shown ? attribute(shown, MADE_ATTRIBUTE).split(' ') : [];
  const named = (kind: string): string[] =>
    made.filter((thing) => thing.startsWith(`${kind}:`)).map((thing) => thing.slice(kind.length + 1));
  const [user] = named('user');
  const userName = user === undefined ? '' : `${names.ct.split(':')[0]}:${user}`;
  const args = [userName, named('group').reverse().join(' ')];
  const lines = await run.journal.effect('osctl ct del', () => runStep(run, { script, names, args }));
  if (lines.includes('gone')) return;
  const where = `${rootOf(run).label}: ${names.ct}`;
  if (lines.includes('foreign')) {
    run.io.log.warning(`${where} is not of this migration, and stays`);
    return;
  }
  const left = lines.find((line) => line.startsWith('left '))?.slice(5);
  throw new VzError('TARGET_FAILED', {
    exit: EXIT.unavailable,
    where,
    what: 'what was made could not be removed',
    hint: left === undefined ? undefined : `do it as root there, and run this again: ${left}`,
  });
}

/** Takes the attributes off the container that has moved. Throws VzError: 69, 75. */
export async function finish(run: Run): Promise<void> {
  const names = namesOf(run);
  const shown = await seeTarget(run, rootOf(run));
  if (!shown?.isOurs) return;
  // What tells that it is ours goes last.
  for (const name of [MADE_ATTRIBUTE, MIGRATION_ATTRIBUTE]) {
    if (attribute(shown, name) === '') continue;
    await run.journal.effect('osctl ct unset attr', () =>
      runChecked(rootOf(run), ['osctl', '-q', 'ct', 'unset', 'attr', names.ct, name]),
    );
  }
}

/** A run that died while it made the container has noted nothing. */
function namesIn({ pool, id, dataset }: ShownContainer): Names {
  return { ct: `${pool}:${id}`, dataset: dataset ?? '' };
}

function attribute(shown: ShownContainer, name: string): string {
  const value = shown[name];
  return typeof value === 'string' ? value : '';
}

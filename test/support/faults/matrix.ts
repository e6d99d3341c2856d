import { appendFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Storage } from '../migrations.ts';
import { type Case, CaseError, type Outcome, play, recordEffects, SCENES } from './cases.ts';
import { type Effect, FAULTS, type Fault, type Faulty, isWanted, startFaulty } from './faulty.ts';

export interface MatrixOptions {
  /** Which faults; all where nothing is said. */
  readonly faults?: readonly Fault[];
  /** A file that gets a line for each case. */
  readonly table?: string;
}

/**
 * Tests all effects of all steps on a storage with each fault. What there is to go wrong is recorded first. A case begins
 * where the one before has come back to; one that has failed leaves its nodes behind.
 */
export function testFaults(storage: Storage, { faults = FAULTS, table }: MatrixOptions = {}): void {
  if (!isWanted(storage)) return;
  test(storage, async (t) => {
    const start = (): Promise<Faulty | undefined> => startFaulty(t, storage, { isFillable: true });
    let faulty = await start();
    if (!faulty) return;
    const cases = casesOf(await recordEffects(faulty), faults).filter((one) =>
      isWanted(storage, one.scene.words, nameOf(one)),
    );
    faulty = undefined;
    for (const one of cases) {
      await t.test(`${one.scene.words}: ${nameOf(one)}`, async () => {
        faulty ??= await start();
        if (!faulty) return;
        const current: Faulty = faulty;
        // A case that throws leaves them unusable.
        faulty = undefined;
        const outcome = await judged(current, one, storage, table);
        if (outcome && !one.scene.isFinal) faulty = current;
      });
    }
  });
}

async function judged(
  faulty: Faulty,
  one: Case,
  storage: Storage,
  table: string | undefined,
): Promise<Outcome> {
  const note = ({ code, ran, end }: Outcome, verdict: string): void => {
    if (table === undefined) return;
    const { scene, effect, fault } = one;
    const cells = [
      storage,
      scene.words,
      `${effect.name} #${effect.count}`,
      fault,
      code,
      ran.join('; '),
      end,
      verdict,
    ];
    appendFileSync(table, `| ${cells.map((cell) => String(cell).replace(/[|\n]/g, ' ')).join(' | ')} |\n`);
  };
  try {
    const outcome = await play(faulty, one);
    note(outcome, outcome.code === 76 || outcome.ran.some((line) => / 76 /.test(line)) ? 'ok, 76' : 'ok');
    return outcome;
  } catch (error) {
    if (error instanceof CaseError)
      note(error.outcome, `WRONG: ${String((error.cause as Error).message).split('\n')[0]}`);
    throw error;
  }
}

/** The two ways on take turns. */
function casesOf(effects: ReadonlyMap<unknown, readonly Effect[]>, faults: readonly Fault[]): Case[] {
  const cases: Case[] = [];
  for (const scene of SCENES) {
    for (const [at, effect] of (effects.get(scene) ?? []).entries()) {
      for (const fault of faults) {
        if ((fault === 'cut' || fault === 'dies') && effect.stream === null) continue;
        if (fault === 'full' && effect.stream !== 'writer') continue;
        const then = (at + FAULTS.indexOf(fault)) % 2 === 0 ? 'again' : 'back';
        cases.push({ scene, effect, fault, then });
      }
    }
  }
  return cases;
}

function nameOf({ effect, fault, then }: Case): string {
  return `${effect.name} #${effect.count}: ${fault}, then ${then}`;
}

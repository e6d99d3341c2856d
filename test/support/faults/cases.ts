import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { running } from '../migrations.ts';
import { assertMoved, assertPristine, assertRunsAgain, assertSound } from './checks.ts';
import { type Effect, type Fault, type Faulty, isWanted } from './faulty.ts';

/** A step with what comes before it. */
export interface Scene {
  readonly words: string;
  readonly before: readonly string[];
  /** Ends in a state that these nodes do not come back from. */
  readonly isFinal?: boolean;
}

const ROLLBACK = 'rollback --drop-changes';

export const SCENES: readonly Scene[] = [
  { words: 'stage', before: [] },
  { words: 'sync', before: ['stage'] },
  { words: 'cancel', before: ['stage', 'sync'] },
  { words: 'transfer', before: ['stage'] },
  { words: ROLLBACK, before: ['stage', 'transfer'] },
  { words: 'cleanup', before: ['stage', 'transfer'], isFinal: true },
];

export interface Case {
  readonly scene: Scene;
  readonly effect: Effect;
  readonly fault: Fault;
  /** What is done about it: the same again, or the way back. */
  readonly then: 'again' | 'back';
}

export interface Outcome {
  readonly code: number;
  /** What was run behind the fault, with how it ended. */
  readonly ran: readonly string[];
  readonly end: string;
}

/** Runs each scene that is wanted without a fault, and lists what it does. These nodes are used up. */
export async function recordEffects(faulty: Faulty): Promise<ReadonlyMap<Scene, readonly Effect[]>> {
  const found = new Map<Scene, readonly Effect[]>();
  const { storage } = faulty.migration;
  for (const scene of SCENES.filter(({ words }) => isWanted(storage, words))) {
    for (const words of scene.before) await well(faulty, words);
    const { effects, code, stderr } = await faulty.step(scene.words);
    assert.equal(code, 0, stderr);
    found.set(scene, effects);
    if (!scene.isFinal) await takeBack(faulty, []);
  }
  return found;
}

/** Plays one case to its end. Throws where something does not hold. */
export async function play(faulty: Faulty, { scene, effect, fault, then }: Case): Promise<Outcome> {
  for (const words of scene.before) await well(faulty, words);
  const { code, effects, stderr } = await faulty.step(scene.words, { effect, fault });
  const ran: string[] = [];
  const outcome = (): Outcome => ({ code, ran, end: endOf(faulty) });
  try {
    const hit = effects.find(({ name, count }) => name === effect.name && count === effect.count);
    assert.ok(hit, `${effect.name} did not happen: ${stderr}`);
    assertSound(faulty);
    const { step } = faulty.migration.state() ?? {};
    const isDisarmed = effects.some(({ name }) => name === 'guard: disarm');
    if (step === 'stopping' && !isDisarmed) await assertRunsAgain(faulty);
    if (then === 'again') await goOn(faulty, scene, ran);
    else await goBack(faulty, scene, ran);
    assertSound(faulty);
    return outcome();
  } catch (error) {
    throw new CaseError(outcome(), stderr, error);
  }
}

/** Carries what is known of a case that went wrong. */
export class CaseError extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome, stderr: string, cause: unknown) {
    super(
      `${outcome.code}: ${stderr.trim()}\n${outcome.ran.join('\n')}\n${outcome.end}: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
    this.outcome = outcome;
  }
}

async function goOn(faulty: Faulty, { words, isFinal }: Scene, ran: string[]): Promise<void> {
  await untilDone(faulty, words, ran);
  if (words === 'sync') await untilDone(faulty, 'transfer', ran);
  const { step } = faulty.migration.state() ?? {};
  if (step === 'transferred' || words === 'cleanup') assertMoved(faulty);
  if (!isFinal) await takeBack(faulty, ran);
}

async function goBack(faulty: Faulty, { words, isFinal }: Scene, ran: string[]): Promise<void> {
  if (isFinal) return goOn(faulty, { words, before: [], isFinal }, ran);
  await takeBack(faulty, ran);
}

/** Back to how all was before stage. */
async function takeBack(faulty: Faulty, ran: string[]): Promise<void> {
  const { migration } = faulty;
  const { step } = migration.state() ?? {};
  if (step === 'switching' || step === 'transferred' || step === 'returning')
    await untilDone(faulty, ROLLBACK, ran);
  if (migration.state()) await untilDone(faulty, 'cancel', ran);
  assertPristine(faulty);
}

/** Runs a step until it is done. Behind 76 it is looked first, as people do. */
async function untilDone(faulty: Faulty, words: string, ran: string[]): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const { code, stderr } = await faulty.step(words);
    ran.push(`${words}: ${code}${code === 0 ? '' : ` (${stderr.trim().split('\n').at(-1)})`}`);
    assertSound(faulty);
    if (code === 0) return;
    // It had ended before its answer was lost.
    if (code === 66 && !faulty.migration.state()) return;
    // Came back to the source, which is an end as well.
    if (words === 'transfer' && faulty.migration.state()?.step === 'returned') return;
    assert.ok(RETRIED.has(code) && tries < 6, `${words} ends with ${code}`);
    await sleep(1000);
  }
}

async function well(faulty: Faulty, words: string): Promise<void> {
  const { code, stderr } = await faulty.step(words);
  assert.equal(code, 0, `${words}: ${stderr}`);
}

function endOf({ migration }: Faulty): string {
  const sides = running(migration).join(' and ') || 'neither';
  return `${sides} runs, ${migration.state()?.step ?? 'no migration'}`;
}

const RETRIED: ReadonlySet<number> = new Set([69, 74, 75, 76]);

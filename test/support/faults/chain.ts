import assert from 'node:assert/strict';
import { test } from 'node:test';
import { running, type Storage } from '../migrations.ts';
import { assertMoved, assertPristine, assertRunsAgain, assertSound } from './checks.ts';
import { EACH, type Fault, type Faulty, isWanted, startFaulty } from './faulty.ts';

/**
 * Tests that each step comes to its end though it goes wrong at each of its effects in turn, again and again: the cheap part
 * of what `testFaults` does. A transfer begins with a sync.
 */
export function testChain(storage: Storage, fault: Fault): void {
  if (!isWanted(storage, fault)) return;
  test(`${storage}: ${fault} each effect of each step, one after another`, async (t) => {
    const faulty = await startFaulty(t, storage);
    if (!faulty) return;
    const { migration } = faulty;
    for (const words of ['stage', 'transfer']) await toItsEnd(faulty, words, fault);
    assertMoved(faulty);
    for (const words of ['rollback --drop-changes', 'cancel']) await toItsEnd(faulty, words, fault);
    assertPristine(faulty);
    for (const words of ['stage', 'transfer']) await toItsEnd(faulty, words, null);
    await toItsEnd(faulty, `cleanup --delete --confirm ${migration.ctid}`, fault);
    assert.match(migration.source.status(migration.ctid), / deleted /);
    assertMoved(faulty);
    t.diagnostic(`${faulty.hits()} faults`);
  });
}

async function toItsEnd(faulty: Faulty, words: string, fault: Fault | null): Promise<void> {
  let isDisarmed = false;
  for (let tries = 1; ; tries += 1) {
    const { code, effects, stderr } = await faulty.step(words, fault ? { effect: EACH, fault } : undefined);
    const last = effects.at(-1)?.name ?? 'nothing';
    assertSound(faulty);
    const step = faulty.migration.state()?.step;
    if (code === 0 || (code === 66 && step === undefined)) return;
    // Proved failures of the target send it back, and are tried anew.
    if (words === 'transfer' && (step === 'returning' || step === 'returned')) {
      for (const back of ['rollback', 'cancel', 'stage']) await toItsEnd(faulty, back, fault);
      continue;
    }
    assert.ok(ENDS.has(code) && tries < 60, `${words} ends with ${code} behind "${last}": ${stderr}`);
    // From then on, until a run has brought it up, nobody but a run starts it.
    if (effects.some(({ name }) => name === 'guard: disarm')) isDisarmed = true;
    if (running(faulty.migration).includes('source')) isDisarmed = false;
    if (step === 'stopping' && !isDisarmed) await assertRunsAgain(faulty);
  }
}

/** 76 is none of them: what is known by a look must not be asked of a person. */
const ENDS: ReadonlySet<number> = new Set([69, 74, 75, 137]);

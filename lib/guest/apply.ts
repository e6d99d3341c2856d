import { VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { describeExit, run } from '../host/run.ts';
import applyScript from './apply.sh';
import { fixScript } from './script.ts';
import type { Selected } from './select.ts';

export type FixOutcome = 'applied' | 'already' | 'not-needed' | 'skipped' | 'failed';

export interface FixResult {
  readonly id: string;
  readonly outcome: FixOutcome;
  /** Paths, or why it failed: printable ASCII. */
  readonly what: string;
}

export interface GuestFixReport {
  readonly fixes: readonly FixResult[];
  /** Why the script did not come to its end; null: it did. */
  readonly error: string | null;
  /** Nobody knows whether the script still runs: the link was lost. */
  readonly lost: boolean;
}

/**
 * Makes the fixes in a stopped container, inside of it, and leaves it stopped: one round trip to its node, by root there. `ct` is
 * POOL:ID. Never throws for what the guest or the node does: the container is there, and that must be told.
 */
export async function applyFixes(
  host: Host,
  ct: string,
  selected: readonly Selected[],
): Promise<GuestFixReport> {
  if (selected.length === 0) return { fixes: [], error: null, lost: false };
  const argv = ['sh', '-c', applyScript, 'vz-guest-fix', ct, String(LIMIT_SECONDS)];
  try {
    const input = fixScript(ct, selected);
    const result = await run(host, argv, { input, signal: AbortSignal.timeout((LIMIT_SECONDS + 60) * 1000) });
    const text = result.stdout.toString('latin1');
    const fixes = readFixLines(text, selected);
    const isWhole = /^end \d/m.test(text) && (result.code === 0 || result.code === 1);
    return { fixes, error: isWhole ? null : describeFailure(result), lost: false };
  } catch (error) {
    if (!(error instanceof VzError) && !isTimeout(error)) throw error;
    return { fixes: [], error: error.message, lost: true };
  }
}

/** All that was asked for is as it has to be. */
export function isFixed({ fixes, error }: GuestFixReport): boolean {
  return error === null && fixes.every(({ outcome }) => outcome !== 'failed');
}

/** What the script says of the fixes that were asked for. It ran in the guest: whatever else it says is of no interest. */
export function readFixLines(text: string, selected: readonly Selected[]): FixResult[] {
  const ids = new Set(selected.map(({ fix }) => fix.id));
  const results = new Map<string, FixResult>();
  for (const [, id = '', outcome = '', what = ''] of text.matchAll(/^fix (\S+) (\S+) ?([ -~]{0,1000})/gm)) {
    if (ids.has(id) && isOutcome(outcome)) results.set(id, { id, outcome, what: what.trim() });
  }
  return [...results.values()];
}

function isOutcome(word: string): word is FixOutcome {
  return OUTCOMES.some((outcome) => outcome === word);
}

function describeFailure(result: Parameters<typeof describeExit>[0]): string {
  if (result.code === 124 || result.code === 137)
    return `the script was ended after ${LIMIT_SECONDS} seconds`;
  return `osctl ct runscript ${describeExit(result)}`;
}

function isTimeout(error: unknown): error is Error {
  return error instanceof Error && error.name === 'TimeoutError';
}

const OUTCOMES: readonly FixOutcome[] = ['applied', 'already', 'not-needed', 'skipped', 'failed'];
/** It takes a second; a guest whose shell hangs must not keep the container down. */
const LIMIT_SECONDS = 60;

import type { Guard } from '../../guard/guard.ts';
import { doStep } from '../../guard/step.ts';
import type { Host } from '../../host/host.ts';
import { quoteArgv } from '../../host/quote.ts';
import { vzctlFailure } from '../../vzctl/failure.ts';

export interface VzctlStep {
  readonly host: Host;
  /** It holds vzctl's lock, which vzctl is told to skip. */
  readonly guard: Guard;
  readonly ctid: string;
  readonly verb: string;
  readonly args?: readonly string[];
  /** As `doStep` takes it. */
  readonly undo: string;
}

/** Runs vzctl for something that the guard undoes at the end. Throws VzError as `vzctlFailure` and `doStep`. */
export async function runVzctl({ host, guard, ctid, verb, args = [], undo }: VzctlStep): Promise<void> {
  const exit = await doStep(guard, host, { argv: ['vzctl', '--skiplock', verb, ctid, ...args], undo });
  if (exit.code !== 0) throw vzctlFailure({ verb, ctid, exit });
}

/** A line of sh for `undo`. */
export function vzctlLine(verb: string, ctid: string, args: readonly string[] = []): string {
  return quoteArgv(['vzctl', '--skiplock', verb, ctid, ...args]);
}

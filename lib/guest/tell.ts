import type { Log } from '../cli/log.ts';
import type { GuestFixReport } from './apply.ts';

/** The line that makes the fixes by hand; `login` gets a root shell on the node: `ssh root@node`. */
export function fixByHand(login: string, ct: string): string {
  return `vz-guest-fix < DOCUMENT | ${login} osctl ct runscript -r ${ct} -`;
}

/** Says what came of the fixes. `byHand` is the command that makes them. */
export function tellFixes(log: Log, where: string, { fixes, error }: GuestFixReport, byHand: string): void {
  for (const { id, outcome, what } of fixes) {
    const line = `${where}: guest fix ${id}: ${outcome}${what === '' ? '' : `: ${what}`}`;
    if (outcome === 'failed') log.warning(line);
    else if (outcome === 'applied') log.info(line);
    else log.detail(line);
  }
  if (error !== null) log.warning(`${where}: the guest fixes were not made: ${error}; by hand: ${byHand}`);
}

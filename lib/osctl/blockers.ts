import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import { nearest } from '../cli/nearest.ts';
import { BLOCKERS, isBlockerCode } from '../convert/node/blocker-codes.ts';
import { describeFinding } from '../documents/blocker.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Finding } from './findings.ts';

/** The codes of `--ignore`. Throws VzError (64) for one that no blocker has: it would ignore nothing. */
export function readIgnored(flags: Flags): ReadonlySet<string> {
  const codes = flags.list('ignore');
  for (const code of codes) {
    if (isBlockerCode(code)) continue;
    const guess = nearest(code, Object.keys(BLOCKERS));
    const hint = guess === undefined ? 'vz-to-osctl(8) lists them' : `did you mean ${guess}?`;
    throw usage(`--ignore: no blocker has the code ${JSON.stringify(code)}`, hint);
  }
  return new Set(codes);
}

/** What a document says against the container on the node it was looked at for: what refuses it, and what is only told. */
export function sortBlockers(
  { blockers, node }: OsctlContainer,
  ignored: ReadonlySet<string>,
): { readonly refusals: Finding[]; readonly warnings: Finding[] } {
  const seen = node === null ? '' : ` [seen on ${node.name} at ${node.at}]`;
  const refusals: Finding[] = [];
  const warnings: Finding[] = [];
  for (const blocker of blockers) {
    const { code } = blocker;
    const text = `${describeFinding(blocker)}${seen}`;
    if (ignored.has(code)) warnings.push({ code, text: `ignored: ${text}` });
    else refusals.push({ code, text: `${text}; to go on all the same: --ignore ${code}` });
  }
  return { refusals, warnings };
}

/** Throws VzError (78) for blockers that are not ignored; returns those that are. */
export function refuseBlockers(document: OsctlContainer, ignored: ReadonlySet<string>): Finding[] {
  const { refusals, warnings } = sortBlockers(document, ignored);
  if (refusals.length === 0) return warnings;
  throw new VzError('BLOCKED', {
    exit: EXIT.refused,
    where: `ct ${document.ctid}`,
    what: refusals.map(({ text }) => text).join('; '),
  });
}

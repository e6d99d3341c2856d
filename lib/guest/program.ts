import { once } from 'node:events';
import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { readOneDocument } from '../cli/stage.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT, VzError } from '../errors.ts';
import { listFixes } from './list.ts';
import { fixScript, undoScript } from './script.ts';
import type { Selection } from './select.ts';
import { readFixIds, selectFixes } from './select.ts';

/** The program vz-guest-fix: a script on stdout. Throws VzError: 64, and as `readOneDocument` does. */
export async function guestFix(flags: Flags, io: Io): Promise<ExitCode> {
  const text = await answer(flags, io);
  if (!io.stdout.write(text)) await once(io.stdout, 'drain', { signal: io.signal });
  return EXIT.ok;
}

async function answer(flags: Flags, io: Io): Promise<string> {
  const selection = readSelection(flags);
  if (flags.on('undo')) {
    if (flags.on('list') || selection.only !== null || selection.skip.length > 0)
      throw usage('--undo takes everything back, and goes with no other flag');
    return undoScript();
  }
  if (flags.on('list')) return listFixes(selectFixes(await listedDistribution(io), selection));
  const { id, config } = await readOneDocument(io, 'osctl-container');
  return fixScript(id, selectFixes(config.distribution, selection));
}

function readSelection(flags: Flags): Selection {
  const only = flags.text('only');
  const skip = flags.text('skip');
  return {
    only: only === undefined ? null : readFixIds('only', only),
    skip: skip === undefined ? [] : readFixIds('skip', skip),
  };
}

/** null: no document came, so all fixes are listed. */
async function listedDistribution(io: Io): Promise<string | null> {
  if (io.stdinIsTty) return null;
  try {
    return (await readOneDocument(io, 'osctl-container')).config.distribution;
  } catch (error) {
    if (error instanceof VzError && error.code === 'NO_DOCUMENT') return null;
    throw error;
  }
}

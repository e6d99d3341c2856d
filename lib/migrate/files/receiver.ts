import { EXIT, VzError } from '../../errors.ts';
import type { Exit, HostProcess } from '../../host/host.ts';
import { describeExit } from '../../host/run.ts';
import type { Run } from '../run.ts';
import { namesOf, rootOf, saidIn, scriptArgv, streamsOf } from './node-script.ts';
import script from './receive.sh';
import type { SourceFiles } from './source.ts';

export interface Receiving {
  readonly files: SourceFiles;
  /** The container is down, and what comes now is all. */
  readonly last: boolean;
  /** The source's clock in seconds, when the pass begins. */
  readonly clock: number;
  /** `tar`, or `rsync` and its arguments. */
  readonly argv: readonly string[];
}

/** Starts what takes the data of a pass on the new node. Its exit code is that of tar or rsync, or is judged by `nodeFailed`. */
export function startReceiver(run: Run, { files, last, clock, argv }: Receiving): HostProcess {
  const host = last ? rootOf(run) : streamsOf(run);
  const { log } = run.io;
  const uidmap = run.journal.document.target?.maps ? 'none' : '';
  const args = [String(clock), last ? 'last' : '', uidmap, ...argv];
  const words = scriptArgv(run, 'pass', script, namesOf(run), args);
  return host.spawn(words, {
    stdin: 'pipe',
    signal: files.signal,
    onStderrLine: (line) => {
      if (!line.startsWith('vz2osctl-step ')) log.detail(`${host.label}: ${line}`);
    },
  });
}

/** Why the node's side of a pass failed: 75 an earlier one goes on there; 74 all else, with what was said last. */
export function nodeFailed(run: Run, program: string, exit: Exit): VzError {
  const where = `${rootOf(run).label}: ${namesOf(run).ct}`;
  const said = saidIn(exit.stderr).split('\n');
  if (exit.code === EXIT.tempFail) {
    const what = 'what an earlier run has begun there goes on';
    return new VzError('BUSY', {
      exit: EXIT.tempFail,
      where,
      what,
      hint: 'run it again when that has ended',
    });
  }
  // Behind the first complaint come those of its consequences.
  const reason = said.find((line) => COMPLAINT.test(line)) ?? said.at(-1) ?? '';
  return new VzError('PASS_FAILED', {
    exit: EXIT.io,
    where,
    what: `${program} ${describeExit({ ...exit, stderr: reason })}`,
    hint: 'run it again, which goes on from what is there',
  });
}

const COMPLAINT = /^(?:tar: .*: Cannot |rsync: |rsync error: )/;

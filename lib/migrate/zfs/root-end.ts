import { EXIT, VzError } from '../../errors.ts';
import type { Exit, Host } from '../../host/host.ts';
import { describeExit } from '../../host/run.ts';
import { SILENCE_SECONDS } from '../../osctl/direct-script.ts';
import { Frames } from '../../osctl/frames.ts';
import { collectText, ending, NodeEnded } from '../../osctl/node-process.ts';
import readFrames from '../../osctl/read-frames.sh';
import { namesOf, rootOf, saidIn, scriptArgv, streamsOf } from '../files/node-script.ts';
import type { Run } from '../run.ts';
import datasets from './datasets.sh';
import recv from './recv.sh';
import { fullName } from './source.ts';
import { STREAM_REFUSED, type StreamToTarget, type TargetEnd } from './target-end.ts';
import { snapshotsThere } from './target-snapshots.ts';

/** root's `zfs recv` takes the streams. One whose link was lost is ended by the next. */
export function rootEnd(run: Run, isLast = false): TargetEnd {
  const root = rootOf(run);
  return {
    look: (name) => snapshotsThere(root, fullName(namesOf(run).dataset, name)),
    take: (stream) => takeByRoot(run, isLast ? root : streamsOf(run), stream),
  };
}

async function takeByRoot(
  run: Run,
  root: Host,
  { dataset, feed, signal }: StreamToTarget,
): Promise<VzError | null> {
  const names = namesOf(run);
  const args = [dataset, String(SILENCE_SECONDS)];
  const argv = scriptArgv(run, 'pass', [datasets, readFrames, recv].join('\n'), names, args);
  const child = root.spawn(argv, { stdin: 'pipe', signal });
  child.stdin.on('error', () => {});
  const output = collectText(child);
  const frames = new Frames(child.stdin);
  try {
    await feed({ write: (chunk) => frames.data(chunk), end: async () => {} });
    await frames.send('end');
  } catch (error) {
    if (!(error instanceof NodeEnded)) {
      await child.kill();
      throw error;
    }
  } finally {
    frames.stop();
  }
  child.stdin.end();
  const end = await ending(child);
  signal.throwIfAborted();
  return judge(end, await output, `${root.label}: ${names.ct}`);
}

/** null: it was received. Throws VzError when nobody knows. */
function judge(end: Exit | VzError, output: string, where: string): VzError | null {
  const lines = output.split('\n');
  if (end instanceof VzError || end.code === null) return lost(end, where);
  if (end.code === 0 && lines.includes('received')) return null;
  if (lines.includes('busy')) {
    return new VzError('BUSY', {
      exit: EXIT.tempFail,
      where,
      what: 'what an earlier run has begun there goes on',
      hint: 'run it again when that has ended',
    });
  }
  const step = lines.find((line) => line.startsWith('failed '))?.slice(7);
  if (step === undefined) return lost(end, where);
  const what = saidIn(end.stderr).split('\n').at(-1) || 'it does not say why';
  const code = step === 'recv' ? STREAM_REFUSED : 'TARGET_FAILED';
  const exit = / is busy/.test(what) ? EXIT.tempFail : EXIT.unavailable;
  return new VzError(code, { exit, where, what: `${step}: ${what}` });
}

function lost(end: Exit | VzError, where: string): never {
  const how = end instanceof VzError ? end.what : describeExit({ ...end, stderr: saidIn(end.stderr) });
  throw new VzError('ANSWER_LOST', {
    exit: EXIT.tempFail,
    where,
    what: `the answer to a stream was lost: ${how}`,
    hint: 'run it again: the next pass finds out what has arrived',
  });
}

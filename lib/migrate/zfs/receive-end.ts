import { EXIT, VzError } from '../../errors.ts';
import type { Answer } from '../../osctl/receive/answer.ts';
import { receiveFailure, unknownCommand } from '../../osctl/receive/errors.ts';
import { requestWithStream } from '../../osctl/receive/request.ts';
import type { Staged } from '../../osctl/receive/staged.ts';
import type { Run } from '../run.ts';
import { fullName } from './source.ts';
import type { TargetEnd } from './target-end.ts';
import { snapshotsThere } from './target-snapshots.ts';

/** The container as it was staged. Throws VzError (69) without a session of the receiving user, TypeError without a token. */
export function stagedTarget(run: Run): Staged {
  const { receive, journal } = run;
  const { target } = journal.document;
  if (!receive) {
    throw new VzError('NO_RECEIVER', {
      exit: EXIT.unavailable,
      what: 'this needs a session as osctl-ct-receive on the new node',
    });
  }
  if (!target?.token || !target.protocol) throw new TypeError('nothing was staged');
  return { host: receive, token: target.token, protocol: target.protocol };
}

/** osctl-ct-receive takes the streams; a root session, where there is one, can look. */
export function receiveEnd(run: Run): TargetEnd {
  const { root, journal } = run;
  const staged = stagedTarget(run);
  const { target } = journal.document;
  return {
    look: root && target ? (name) => snapshotsThere(root, fullName(target.dataset, name)) : null,
    take: async ({ dataset, verb, snapshot, feed, signal }) => {
      const words = [verb, staged.token, dataset === '' ? '/' : dataset, snapshot];
      return judgeStream(await requestWithStream({ ...staged, words }, feed, signal), staged.host.label);
    },
  };
}

/** null: it was received. Throws VzError when nobody knows. */
export function judgeStream(answer: Answer, where: string): VzError | null {
  switch (answer.kind) {
    case 'done':
      return null;
    case 'unsent':
      return answer.error;
    case 'usage':
      return unknownCommand(where);
    case 'refused': {
      const failure = receiveFailure(answer.error, where);
      // Both may come from behind the stream.
      if (failure.code === 'INTERNAL_ERROR' || failure.code === 'RECEIVE_FAILED') throw failure;
      return failure;
    }
    case 'unknown':
      throw new VzError('ANSWER_LOST', {
        exit: EXIT.tempFail,
        where,
        what: `the answer to a stream was lost: ${answer.what}`,
        hint: 'run it again: the next pass finds out what has arrived',
      });
  }
}

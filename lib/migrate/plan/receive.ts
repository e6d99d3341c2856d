import { quoteForShell } from '../../host/quote.ts';
import { nounOf } from '../describe.ts';
import type { Draft } from './draft.ts';
import { noteUnknownDatasets, streamPass } from './streams.ts';
import { finishByRoot, forbidMounts } from './streams-by-root.ts';
import type { WayPlan } from './way-plan.ts';

/** Send streams over the receive protocol. */
export const receivePlan: WayPlan = {
  make: (draft) => {
    const { destination, id } = draft.document;
    noteUnknownDatasets(draft);
    draft.note(`with the flags that its document was made with, and the attribute vz2osctl:migration=${id}`);
    draft.note('a node of before 2025 answers with its usage: then without the 2, here and below');
    const noun = quoteForShell(nounOf(draft.document));
    const skel = `vz-parse-config ${noun} | vz-to-osctl | osctl-bundle --skel`;
    const words = ['skel', quoteForShell(destination.pool ?? '-'), ...passphrase(draft)];
    draft.line(`TOKEN=$(${skel} | ${draft.receive(words, { input: true })})`);
  },
  pass: (draft, { last }) => {
    streamPass(draft, last, ({ name, verb, snapshot }) => {
      const words = [verb, draft.token, quoteForShell(name === '' ? '/' : name), quoteForShell(snapshot)];
      return draft.receive(words, { input: true });
    });
  },
  commit: (draft) => draft.line(draft.receive(['transfer', draft.token])),
  withhold: forbidMounts,
  discard: (draft) => {
    const { destination, target } = draft.document;
    if (target?.token) draft.line(draft.receive(['cancel', draft.token]));
    else draft.note('no token of it is known: only root can remove it, where it is there at all');
    if (!destination.rootSession) return;
    draft.note('when it is still there, and carries the id of this migration');
    draft.target(`osctl -q ct del ${draft.names.ct}`);
  },
  finish: (draft) => {
    const { destination, target } = draft.document;
    if (target?.token && target.protocol === 2) draft.line(draft.receive(['cleanup', draft.token]));
    if (destination.rootSession) finishByRoot(draft);
  },
};

/** Of the key, which is in no line. */
function passphrase({ options }: Draft): string[] {
  return options.passphraseFile === undefined
    ? []
    : [`"$(head -n 1 ${quoteForShell(options.passphraseFile)})"`];
}

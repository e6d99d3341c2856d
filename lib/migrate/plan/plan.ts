import type { VzMigration } from '../../documents/documents.ts';
import { rootLogin } from '../hosts.ts';
import { requireRootSession } from '../steps/stage.ts';
import type { StepName } from '../steps/step.ts';
import { requireDataStep } from '../steps/sync.ts';
import { cancelPlan, rollbackPlan } from './back.ts';
import { cleanupPlan } from './cleanup.ts';
import { Draft, type PlanOptions } from './draft.ts';
import { recover } from './source.ts';
import { onePass, transferPlan } from './transfer.ts';
import { planOf } from './ways.ts';

/**
 * What a step would do, as lines that a person can paste on this machine, in the order in which the step has its effects;
 * what a line cannot say is a comment. Looks at nothing: what only the nodes know is found out by the lines, or said. Pure.
 * Throws VzError as the step would for a migration that it does not fit (78).
 */
export function planStep(name: StepName, document: VzMigration, options: PlanOptions): string[] {
  const draft = new Draft(document, options);
  PLANS[name](draft);
  return draft.lines;
}

function stage(draft: Draft): void {
  if (draft.document.step !== 'staging') {
    draft.note('it is staged already');
    return;
  }
  requireRootSession(draft.document, rootLogin(draft.document.destination));
  planOf(draft.document).make(draft);
  draft.change({ step: 'staged' });
}

function sync(draft: Draft): void {
  requireDataStep(draft.document, 'sync');
  recover(draft);
  onePass(draft);
}

function now(draft: Draft): void {
  const { step } = draft.document;
  if (step === 'staging' || step === 'staged') {
    stage(draft);
    if (!draft.options.yes) draft.note('what is lost on the way is listed, and you are asked');
    sync(draft);
  }
  transferPlan(draft);
}

const PLANS: Readonly<Record<StepName, (draft: Draft) => void>> = {
  stage,
  sync,
  transfer: transferPlan,
  cleanup: cleanupPlan,
  rollback: rollbackPlan,
  cancel: cancelPlan,
  now,
};

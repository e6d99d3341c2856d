import { cancel } from './cancel.ts';
import { cleanup } from './cleanup.ts';
import { now } from './now.ts';
import { rollback } from './rollback.ts';
import { stage } from './stage.ts';
import type { Steps } from './step.ts';
import { sync } from './sync.ts';
import { transfer } from './transfer.ts';

/** The steps that there are. */
export const STEPS: Steps = {
  stage,
  sync,
  transfer,
  cleanup,
  rollback,
  cancel,
  now,
};

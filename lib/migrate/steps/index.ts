import type { Step, StepName } from './step.ts';

/** The steps that there are. */
export const STEPS: Partial<Record<StepName, Step>> = {};

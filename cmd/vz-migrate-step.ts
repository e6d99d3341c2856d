#!/usr/bin/env -S node --single-threaded-gc
import { runCommand } from '../lib/cli/command.ts';
import { vzMigrateStep } from '../lib/cli/specs/vz-migrate-step.ts';

await runCommand(vzMigrateStep, async (flags, io) => {
  const { migrateStep } = await import('../lib/migrate/main.ts');
  const { STEPS } = await import('../lib/migrate/steps/index.ts');
  return migrateStep(flags, io, STEPS);
});

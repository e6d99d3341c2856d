#!/usr/bin/env -S node --single-threaded-gc
import { runCommand } from '../lib/cli/command.ts';
import { vzGuestFix } from '../lib/cli/specs/vz-guest-fix.ts';

await runCommand(vzGuestFix, async (flags, io) =>
  (await import('../lib/guest/program.ts')).guestFix(flags, io),
);

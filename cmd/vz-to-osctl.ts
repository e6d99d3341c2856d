#!/usr/bin/env -S node --single-threaded-gc
import { runCommand } from '../lib/cli/command.ts';
import { vzToOsctl } from '../lib/cli/specs/vz-to-osctl.ts';

await runCommand(vzToOsctl, async (flags, io) =>
  (await import('../lib/convert/program.ts')).convertDocuments(flags, io),
);

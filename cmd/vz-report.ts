#!/usr/bin/env -S node --single-threaded-gc
import { runCommand } from '../lib/cli/command.ts';
import { vzReport } from '../lib/cli/specs/vz-report.ts';

await runCommand(vzReport, async (flags, io) =>
  (await import('../lib/report/program.ts')).reportDocuments(flags, io),
);

#!/usr/bin/env -S node --single-threaded-gc
import { runCommand } from '../lib/cli/command.ts';
import { osctlImport } from '../lib/cli/specs/osctl-import.ts';

await runCommand(osctlImport, async (flags, io) =>
  (await import('../lib/osctl/import-main.ts')).osctlImport(flags, io),
);

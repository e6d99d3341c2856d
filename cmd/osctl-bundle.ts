#!/usr/bin/env -S node --single-threaded-gc
import { runCommand } from '../lib/cli/command.ts';
import { osctlBundle } from '../lib/cli/specs/osctl-bundle.ts';

await runCommand(osctlBundle, async (flags, io) =>
  (await import('../lib/archive/main.ts')).osctlBundle(flags, io),
);

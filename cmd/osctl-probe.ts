#!/usr/bin/env -S node --single-threaded-gc
import { runCommand } from '../lib/cli/command.ts';
import { osctlProbe } from '../lib/cli/specs/osctl-probe.ts';

await runCommand(osctlProbe, async (flags, io) =>
  (await import('../lib/osctl/probe-main.ts')).osctlProbe(flags, io),
);

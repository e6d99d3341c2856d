#!/usr/bin/env -S node --single-threaded-gc
import { runCommand } from '../lib/cli/command.ts';
import { vpsadminosConvert } from '../lib/cli/specs/vpsadminos-convert.ts';

await runCommand(vpsadminosConvert, async (flags, io) =>
  (await import('../lib/converter/main.ts')).convert(flags, io),
);

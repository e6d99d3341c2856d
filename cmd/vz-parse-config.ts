#!/usr/bin/env -S node --single-threaded-gc
import { runCommand } from '../lib/cli/command.ts';
import { vzParseConfig } from '../lib/cli/specs/vz-parse-config.ts';

await runCommand(vzParseConfig, async (flags, io) =>
  (await import('../lib/source/program.ts')).parseConfigs(flags, io),
);

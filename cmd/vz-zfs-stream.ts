#!/usr/bin/env -S node --single-threaded-gc
import { runCommand } from '../lib/cli/command.ts';
import { vzZfsStream } from '../lib/cli/specs/vz-zfs-stream.ts';

await runCommand(vzZfsStream, async (flags, io) =>
  (await import('../lib/zfs/main.ts')).vzZfsStream(flags, io),
);

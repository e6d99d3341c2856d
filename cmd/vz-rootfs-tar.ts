#!/usr/bin/env -S node --single-threaded-gc
import { runCommand } from '../lib/cli/command.ts';
import { vzRootfsTar } from '../lib/cli/specs/vz-rootfs-tar.ts';

await runCommand(vzRootfsTar, async (flags, io) =>
  (await import('../lib/rootfs/main.ts')).vzRootfsTar(flags, io),
);

import { parseFlags } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { vzMigrateStep } from '../cli/specs/vz-migrate-step.ts';
import { convertContainer } from '../convert/convert.ts';
import { DEFAULT_OPTIONS } from '../convert/options.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { describe, warningText } from '../source/describe.ts';
import { listJobs } from '../source/jobs.ts';
import { readSshFlags } from '../ssh/flags.ts';

/**
 * What `vz-parse-config CT | vz-to-osctl` makes of a container, without flags but `--conf-dir`: SSH flags of vz-migrate-step
 * are about the target. Throws VzError as the two do.
 */
export async function readContainer(
  word: string,
  confDir: string | undefined,
  io: Io,
): Promise<OsctlContainer> {
  const { signal, stdin, log, env } = io;
  const jobs = listJobs({
    operands: [word],
    all: false,
    ctid: undefined,
    confDir,
    stdin,
    ssh: readSshFlags(parseFlags([], vzMigrateStep), { travels: true, env }),
    say: (line) => log.detail(line),
    warn: (line) => log.warning(line),
    signal,
  });
  const looks = { facts: 'fast', signal } as const;
  for await (const job of jobs) {
    const config = await describe(await job.load(looks), { ...looks, strict: false });
    const container = convertContainer(config, DEFAULT_OPTIONS);
    for (const warning of container.report.warnings)
      log.warning(`ct ${container.ctid}: ${warningText(warning)}`);
    return container;
  }
  throw new TypeError('one operand is one container');
}

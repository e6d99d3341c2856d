import type { Flags } from '../cli/flags.ts';
import { parseFlags } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { vzParseConfig } from '../cli/specs/vz-parse-config.ts';
import { convertContainer } from '../convert/convert.ts';
import { type ConvertOptions, DEFAULT_OPTIONS } from '../convert/options.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { describe, warningText } from '../source/describe.ts';
import { listJobs } from '../source/jobs.ts';
import { jobOptions, optionsFor } from '../source/program.ts';

/**
 * What `vz-parse-config CT | vz-to-osctl` makes of a container, without flags but `--conf-dir`: SSH flags of vz-migrate-step
 * are about the target. Throws VzError as the two do.
 */
export async function readContainer(
  word: string,
  confDir: string | undefined,
  io: Io,
): Promise<OsctlContainer> {
  const words = confDir === undefined ? [] : [`--conf-dir=${confDir}`];
  return parseAndConvert(parseFlags([word, ...words], vzParseConfig), DEFAULT_OPTIONS, io);
}

/** The same with flags of both: those of vz-parse-config have the container as their operand. */
export async function parseAndConvert(
  flags: Flags,
  options: ConvertOptions,
  io: Io,
): Promise<OsctlContainer> {
  for await (const job of listJobs(jobOptions(flags, io))) {
    const looks = optionsFor(job, flags, io);
    const config = await describe(await job.load(looks), looks);
    const container = convertContainer(config, options);
    for (const warning of container.report.warnings)
      io.log.warning(`ct ${container.ctid}: ${warningText(warning)}`);
    return container;
  }
  throw new TypeError('one operand is one container');
}

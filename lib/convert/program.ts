import type { Flags } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { openProgress } from '../cli/progress.ts';
import { mapDocuments } from '../cli/stage.ts';
import { describeFinding } from '../documents/blocker.ts';
import { writeDocument } from '../documents/ndjson.ts';
import type { OsctlContainer } from '../documents/osctl-container.ts';
import { jsonSchema } from '../documents/validate.ts';
import type { VzConfig } from '../documents/vz-config.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT, VzError } from '../errors.ts';
import { convertContainer } from './convert.ts';
import { readNode } from './node/read-node.ts';
import { readOptions } from './read-options.ts';
import { reportText } from './report.ts';

/**
 * The work of vz-to-osctl: vz-config documents on stdin become osctl-container documents on stdout, warnings and
 * reports go to stderr. Throws VzError: 64 for bad flags, 65 for a line that is no document, and as `readNode`.
 */
export async function convertDocuments(flags: Flags, io: Io): Promise<ExitCode> {
  if (flags.on('schema')) {
    await writeDocument(io.stdout, jsonSchema('osctl-container'), true);
    return EXIT.ok;
  }
  const options = readOptions(flags);
  const nodeFile = flags.text('node');
  const node = nodeFile === undefined ? null : await readNode(nodeFile);
  const reports = flags.text('report') === 'none' ? undefined : new Reports(io);
  const progress = openProgress(flags, io, 'converted', 'containers');
  let count = 0;
  const convert = (config: VzConfig): OsctlContainer => {
    count += 1;
    if (count > 1) refuseForMany(flags, config.ctid);
    const container = convertContainer(config, options, node);
    const { blockers, report } = container;
    for (const blocker of blockers)
      io.log.warning(`ct ${config.ctid}: blocker: ${describeFinding(blocker)} [${blocker.code}]`);
    // Those of the config were said by the stage that found them.
    for (const warning of report.warnings.slice(config.warnings.length)) {
      const { code, line } = warning;
      const place = line === null ? '' : `line ${line}: `;
      io.log.warning(`ct ${config.ctid}: ${place}${describeFinding(warning)} [${code}]`);
    }
    reports?.add(container);
    return container;
  };
  try {
    return await mapDocuments(io, {
      kind: 'vz-config',
      program: 'vz-to-osctl',
      pretty: flags.on('pretty'),
      progress,
      convert,
    });
  } finally {
    progress.stop();
    reports?.end();
  }
}

/** Two containers cannot have one id, name, MAC, IP address or dataset. */
function refuseForMany(flags: Flags, ctid: string): void {
  const single = ['as-id', 'hostname', 'netif-hwaddr', 'zfs-dataset'].find(
    (name) => flags.text(name) !== undefined,
  );
  const given = single ?? (flags.list('ip').length > 0 ? 'ip' : undefined);
  if (given === undefined) return;
  throw new VzError('ONE_CONTAINER_ONLY', {
    exit: EXIT.usage,
    where: `ct ${ctid}`,
    what: `--${given} is for one container, and this is another one`,
    hint: 'use a shell loop for many',
  });
}

/** Writes reports with a heading once there are several, so the first one waits for the second or for the end. */
class Reports {
  readonly #io: Io;
  #first: OsctlContainer | undefined;
  #count = 0;

  constructor(io: Io) {
    this.#io = io;
  }

  add(container: OsctlContainer): void {
    this.#count += 1;
    if (this.#count === 1) {
      this.#first = container;
      return;
    }
    this.#write(this.#first, true);
    this.#first = undefined;
    this.#write(container, true);
  }

  end(): void {
    this.#write(this.#first, false);
  }

  #write(container: OsctlContainer | undefined, heading: boolean): void {
    if (container) this.#io.log.block(reportText(container, { heading }));
  }
}

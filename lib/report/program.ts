import { once } from 'node:events';
import type { Flags } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { openProgress, type Progress } from '../cli/progress.ts';
import { worse } from '../cli/stage.ts';
import type { Severity } from '../documents/report.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT } from '../errors.ts';
import { CsvFormat } from './csv.ts';
import { entryOf, entryOfError } from './entry.ts';
import { isAtLeast } from './finding.ts';
import { Fleet } from './fleet.ts';
import type { Format, FormatOptions } from './format.ts';
import { readContainers } from './input.ts';
import { JsonFormat } from './json.ts';
import { Losses } from './losses.ts';
import { MarkdownFormat } from './markdown.ts';
import type { View } from './result.ts';
import { resultOf } from './result.ts';
import { TextFormat } from './text.ts';

/**
 * The work of vz-report: osctl-container documents on stdin become one report on stdout, in one pass. By container,
 * each is written as it comes; of all, only what the end needs is kept. Returns the worst exit code of the containers
 * that failed. Throws VzError (64, 65, 74) as `readContainers` does.
 */
export async function reportDocuments(flags: Flags, io: Io): Promise<ExitCode> {
  const by = (flags.text('by') ?? 'container') as View;
  const least = (flags.text('min-severity') ?? 'minor') as Severity;
  const format = openFormat(flags.text('format') ?? 'text', { by, least });
  const fleet = new Fleet();
  const losses = new Losses();
  let exit: ExitCode = EXIT.ok;
  const progress = openProgress(flags, io, 'read', 'containers');
  for await (const document of stopped(readContainers(io), progress)) {
    progress.add(1);
    const isError = document.kind === 'vz-error';
    if (isError) exit = worse(exit, document.exit);
    const entry = isError ? entryOfError(document) : entryOf(document);
    const place = fleet.add(entry);
    if (by === 'loss') {
      losses.add(
        entry.findings.filter(({ severity }) => isAtLeast(severity, least)),
        place,
      );
    }
    const begin = place === 0 ? format.begin() : '';
    await write(io, begin + (by === 'container' ? format.container(entry) : ''));
  }
  for (const part of format.end(resultOf(fleet, losses, least))) await write(io, part);
  return exit;
}

/** Whatever ends the reading ends the progress. */
async function* stopped<T>(documents: AsyncIterable<T>, progress: Progress): AsyncGenerator<T> {
  try {
    yield* documents;
  } finally {
    progress.stop();
  }
}

function openFormat(name: string, options: FormatOptions): Format {
  switch (name) {
    case 'markdown':
      return new MarkdownFormat(options);
    case 'csv':
      return new CsvFormat(options);
    case 'json':
      return new JsonFormat(options);
    default:
      return new TextFormat(options);
  }
}

/** Waits for a slow reader, but not once the run is to end. */
async function write({ stdout, signal }: Io, text: string): Promise<void> {
  if (text !== '' && !stdout.write(text)) await once(stdout, 'drain', { signal });
}

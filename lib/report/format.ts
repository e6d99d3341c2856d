import type { Severity } from '../documents/report.ts';
import type { Entry } from './entry.ts';
import type { Result, View } from './result.ts';

export interface FormatOptions {
  readonly by: View;
  /** Findings below it are not shown. */
  readonly least: Severity;
}

/** How a report is written; each call returns the next parts of the text. */
export interface Format {
  begin(): string;
  /** A container of the view by container, as it comes. */
  container(entry: Entry): string;
  /** In parts, since who loses what is long for a fleet. */
  end(result: Result): Iterable<string>;
}

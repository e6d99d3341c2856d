import { oneLine } from '../errors.ts';

/** A fault or a note of a report. `code` is for programs and does not change once released. */
export interface Finding {
  readonly code: string;
  readonly text: string;
}

/** Notes one. */
export type Say = (code: string, text: string) => void;

/** Collects what is wrong and what is only noted; a hostile archive cannot make it grow without bound. */
export class Findings {
  readonly errors: Finding[] = [];
  readonly warnings: Finding[] = [];

  error(code: string, text: string): void {
    add(this.errors, code, text);
  }

  warning(code: string, text: string): void {
    add(this.warnings, code, text);
  }
}

function add(list: Finding[], code: string, text: string): void {
  if (list.length < MAX_FINDINGS) list.push({ code, text: oneLine(text).slice(0, MAX_TEXT_CHARS) });
}

const MAX_FINDINGS = 100;
const MAX_TEXT_CHARS = 500;

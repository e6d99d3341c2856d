/** Exit codes of every program: those of sysexits(3), plus 76 for an unknown outcome and 128+N for signals. */
export const EXIT = {
  ok: 0,
  usage: 64,
  data: 65,
  noInput: 66,
  unavailable: 69,
  bug: 70,
  cantCreate: 73,
  io: 74,
  tempFail: 75,
  unknownOutcome: 76,
  noPermission: 77,
  refused: 78,
  sigint: 130,
  outputClosed: 141,
  sigterm: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
/** An error never ends with success. */
export type FailureCode = Exclude<ExitCode, 0>;

export interface ErrorDetails {
  readonly exit: FailureCode;
  /** What went wrong, without a full stop. */
  readonly what: string;
  /** Where: `ct 101`, `line 3`, a path. */
  readonly where?: string | undefined;
  /** What the user can do. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * An error for people: it prints as one line, `program: where: what; hint`, and carries the exit code.
 * `code` is for programs and never changes once released. Anything else that is thrown is a bug (exit 70).
 */
export class VzError extends Error {
  readonly code: string;
  readonly exit: FailureCode;
  readonly what: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;

  constructor(code: string, { exit, what, where, hint, cause }: ErrorDetails) {
    super(oneLine([where, what].filter((part) => part !== undefined && part !== '').join(': ')), { cause });
    this.name = 'VzError';
    this.code = code;
    this.exit = exit;
    this.what = what;
    this.where = where;
    this.hint = hint;
  }

  /** The line for stderr, without the program's name. */
  get line(): string {
    return this.hint ? `${this.message}; ${oneLine(this.hint)}` : this.message;
  }
}

/** Control characters (a hostile name may hold them) would break the line or drive the terminal. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (char) => {
    if (char === '\n') return '\\n';
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** The `code` of a Node.js system error (`ENOENT`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

/**
 * Turns what a run was aborted with, or any other thrown value, into an Error without losing a VzError.
 * AbortError hides its reason behind `cause`.
 */
export function toError(value: unknown): Error {
  if (value instanceof Error) {
    if (value.name === 'AbortError' && value.cause instanceof Error) return value.cause;
    return value;
  }
  return new Error(String(value));
}

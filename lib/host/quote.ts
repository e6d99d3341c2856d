/**
 * Quotes one word for a POSIX shell: the only place where text becomes shell source. Any bytes but NUL pass (POSIX
 * XCU 2.2.2: nothing is special between single quotes but the single quote).
 */
export function quoteForShell(word: string): string {
  if (word.includes('\0')) throw new TypeError('a shell word cannot hold NUL');
  // Without `=`: a first word `a=b` would be an assignment.
  if (/^[A-Za-z0-9_./:@%+,-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line that a remote shell splits back into exactly `argv`. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map(quoteForShell).join(' ');
}

import type { Warning } from '../documents/vz-config.ts';
import type { Entry } from './entry.ts';
import { place } from './entry.ts';
import { ruleFor } from './parameters.ts';
import { shellValue } from './shell.ts';
import { meantKey } from './unknown-keys.ts';
import type { ValueContext } from './value.ts';
import { quoted } from './value.ts';

/**
 * What is worth a warning, in a line that counts:
 *
 * - `NUMBER_CUT`, `INVALID_PART`: vzctl took less than what is written.
 * - `UNMATCHED_QUOTE`: versions of vzctl differ about the line.
 * - `SHELL_DIFFERS`: action scripts, which source the file, read something else; vzctl's reading counts.
 *
 * and in one that does not, where whoever wrote it meant a setting:
 *
 * - `INVALID_VALUE`: to vzctl it is as if the line were not there.
 * - `LINE_REJECTED`: vzctl skips the line.
 * - `BENT_KEY`: a key of vzctl, but with spaces, `export`, a byte order mark or in another case; a shell that sources
 *   the file takes most of these, vzctl none, and what writes one line so writes all of them so.
 *
 * `line` is one of the container's config; where the line is vz.conf's, the text names it.
 */
export function warningsOf(entry: Entry, context: ValueContext): readonly Warning[] {
  const { item, line, notes, rule } = entry;
  if (item.state === 'used' && notes.length === 0 && isPlain(entry)) return NONE;
  const isGlobal = item.origin === 'global';
  const warn = (code: string, text: string): Warning => ({
    code,
    text: `${isGlobal ? `${place(entry)}: ` : ''}${shownKey(item)}: ${text}`,
    line: isGlobal ? null : item.line,
  });
  if (item.state === 'invalid') {
    return [warn('INVALID_VALUE', `${item.reason ?? 'invalid'}; vzctl takes the key as absent`)];
  }
  if (item.state === 'rejected') {
    return [warn('LINE_REJECTED', `${item.reason ?? 'not an assignment'}; vzctl skips the line`)];
  }
  if (item.state === 'unknown') return isBent(item.key) ? [warn('BENT_KEY', item.reason ?? '')] : NONE;
  if (item.state !== 'used' || rule === null) return NONE;
  const warnings = notes.map(({ code, text }) => warn(code, text));
  if (line.isUnmatched) {
    warnings.push(
      warn('UNMATCHED_QUOTE', 'the quote is not closed; vzctl since 3.1 skips the line, older ones take it'),
    );
  } else if (!rule.ignored) {
    const difference = shellDifference(entry, context);
    if (difference) warnings.push(warn('SHELL_DIFFERS', difference));
  }
  return warnings;
}

/** A key that would have no effect on the container anyway is no loss. */
function isBent(key: string): boolean {
  const meant = meantKey(key);
  return meant !== null && ruleFor(meant)?.ignored === false;
}

/** A key as it is, where nothing in it is odd. */
function shownKey({ key, raw }: Entry['item']): string {
  if (key === '') return quoted(raw);
  return PLAIN_KEY.test(key) ? key : quoted(key);
}

/** How vzctl and the panels write nearly every line: nothing in it is special to a shell. */
function isPlain({ item, line }: Entry): boolean {
  return line.source === `${item.key}="${item.raw}"` && PLAIN.test(item.raw);
}

/** Only a difference in meaning counts: the shipped `NAMESERVER=inherit # Copy …` has none. */
function shellDifference({ item, line, rule }: Entry, context: ValueContext): string | null {
  const source = line.source.trimStart();
  if (!source.startsWith(`${item.key}=`) || rule === null) return null;
  const inShell = shellValue(source);
  if (inShell === null) {
    if (isPathWithId(item.raw, rule.parameter)) return null;
    return `a shell that sources the file expands or runs something here; vzctl reads ${quoted(item.raw)}`;
  }
  const text = item.encoding === 'utf8' ? Buffer.from(inShell, 'latin1').toString('utf8') : inShell;
  if (text === item.raw) return null;
  const [ours, theirs] = [rule.parse(item.raw, context), rule.parse(text, context)];
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return null;
  return `a shell that sources the file reads ${quoted(text)}; vzctl reads ${quoted(item.raw)}`;
}

/** Scripts have VEID set, so both readings of `$VEID` in a path agree. */
function isPathWithId(raw: string, parameter: string): boolean {
  if (parameter !== 'VE_ROOT' && parameter !== 'VE_PRIVATE') return false;
  return /^[^$`\\'"\s;&|<>()]*(\$VEID(?![A-Za-z0-9_])|\$\{VEID\})[^$`\\'"\s;&|<>()]*$/.test(raw);
}

const NONE: readonly Warning[] = [];
const PLAIN_KEY = /^[A-Za-z0-9_]{1,60}$/;
const PLAIN = /^[A-Za-z0-9 :.,/_-]*$/;

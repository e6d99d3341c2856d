import type { Findings } from './findings.ts';
import { jsonStrings } from './json-strings.ts';

/** A parsed small file, or undefined when it was wrong or could not be checked (and the findings say so). */
export type Parsed = { readonly value: unknown } | undefined;

/**
 * Parses a small file of an archive: JSON that Psych reads as the same. YAML that is not JSON is what `osctl ct export`
 * writes; it is noted as unchecked, but an archive of ours (`ours`) must not have it.
 */
export function parseSmallFile(name: string, data: Buffer, ours: boolean, findings: Findings): Parsed {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    findings.error('NOT_UTF8', `${name} is not UTF-8`);
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    if (ours || /^\s*[{[]/.test(text)) findings.error('NOT_JSON', `${name} is not JSON`);
    else if (name === 'metadata.yml') {
      // An unquoted id alone would leave a ghost.
      findings.error('UNCHECKED_YAML', `${name} is YAML other than JSON, which cannot be checked here`);
    } else
      findings.warning('UNCHECKED_YAML', `${name} is YAML other than JSON; its contents were not checked`);
    return undefined;
  }
  for (const what of new Set(findTraps(text))) findings.error('YAML_TRAP', `${name} holds ${what}`);
  return { value };
}

/** JSON that Psych refuses or reads as something else. */
function* findTraps(text: string): Generator<string, void, undefined> {
  if (/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/.test(text)) {
    yield 'a control character or line separator in raw form, which YAML refuses or folds';
  }
  let behind = 0;
  for (const { start, end, hasSurrogateEscape, colon } of jsonStrings(text)) {
    if (NO_PLAIN_INTEGER.test(text.slice(behind, start))) yield 'a number that is no plain integer';
    behind = end;
    if (hasSurrogateEscape) yield 'an escaped surrogate, which YAML refuses';
    if (colon === undefined) continue;
    if (isLong(text.slice(start, end + colon.length)) || colon.includes('\n')) {
      yield 'a key longer than 1024 characters, or on another line than its colon, which YAML does not take for a key';
    } else if (JSON.parse(text.slice(start, end)) === '<<') {
      yield 'the key <<, which YAML takes for a merge';
    }
  }
  if (NO_PLAIN_INTEGER.test(text.slice(behind))) yield 'a number that is no plain integer';
}

/** Characters, and not units of UTF-16. */
function isLong(key: string): boolean {
  return key.length > 2 * MAX_KEY_CHARS || [...key].length > MAX_KEY_CHARS;
}

const NO_PLAIN_INTEGER = /\d[.eE]/;
const MAX_KEY_CHARS = 1024;

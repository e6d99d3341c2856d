import type { Findings } from './findings.ts';

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
    else findings.warning('UNCHECKED_YAML', `${name} is YAML other than JSON; its contents were not checked`);
    return undefined;
  }
  for (const trap of TRAPS) {
    if (trap.found(text)) findings.error('YAML_TRAP', `${name} holds ${trap.what}`);
  }
  return { value };
}

/** JSON that Psych refuses or reads as something else. */
const TRAPS: readonly { readonly what: string; readonly found: (text: string) => boolean }[] = [
  {
    what: 'an escaped surrogate, which YAML refuses',
    found: (text) => /(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]/.test(text),
  },
  {
    what: 'a control character or line separator in raw form, which YAML refuses or folds',
    found: (text) => /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/.test(text),
  },
  { what: 'a number that is no plain integer', found: (text) => /\d[.eE]/.test(withoutStrings(text)) },
];

function withoutStrings(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
}

import { EXIT, VzError } from '../errors.ts';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * Indented JSON, with a newline at its end, that Ruby's `YAML.safe_load` (Psych, libyaml: YAML 1.1) reads back
 * unchanged. Throws VzError (65), naming the field, for what cannot make that trip: numbers other than integers below
 * 2^53 (Psych reads JavaScript's `1e21` as a string), lone surrogates, keys beyond libyaml's limit, and the merge key.
 */
export function psychJson(value: JsonValue): string {
  return `${emit(value, '', '')}\n`;
}

function emit(value: JsonValue, path: string, indent: string): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw unfit(path, `${value} is no integer below 2^53`);
    return JSON.stringify(value);
  }
  if (typeof value === 'string') return emitString(value, path);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item: JsonValue, index) => emit(item, `${path}[${index}]`, inner));
    return wrap('[', items, ']', indent);
  }
  const entries = Object.entries(value).map(([key, item]) => {
    const place = path === '' ? key : `${path}.${key}`;
    return `${emitKey(key, place, item)}: ${emit(item, place, inner)}`;
  });
  return wrap('{', entries, '}', indent);
}

function wrap(open: string, items: readonly string[], close: string, indent: string): string {
  if (items.length === 0) return `${open}${close}`;
  return `${open}\n${items.map((item) => `${indent}  ${item}`).join(',\n')}\n${indent}${close}`;
}

function emitKey(key: string, path: string, item: JsonValue): string {
  // Psych merges the value of "<<" into the map around it, quoted or not, and the key is gone.
  if (key === '<<' && typeof item === 'object' && item !== null)
    throw unfit(path, 'the key << means a merge');
  const text = emitString(key, path);
  if ([...text].length > MAX_KEY_CHARS) throw unfit(path, `a key longer than ${MAX_KEY_CHARS} characters`);
  return text;
}

function emitString(text: string, path: string): string {
  if (/\p{Surrogate}/u.test(text)) throw unfit(path, 'a lone surrogate, which is no character');
  return JSON.stringify(text).replace(
    UNSAFE_RAW,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function unfit(path: string, what: string): VzError {
  return new VzError('NOT_YAML', { exit: EXIT.data, where: path.slice(0, 80), what });
}

/** libyaml (scanner.c) drops a possible key when its colon is more than 1024 characters behind its start. */
const MAX_KEY_CHARS = 1024;

/**
 * What JSON.stringify leaves raw: DEL, the C1 controls, U+FEFF and the two non-characters are refused by libyaml
 * (reader.c); U+0085, U+2028 and U+2029 are line breaks to it and would be folded into blanks. Astral characters stay
 * raw, since libyaml refuses surrogate pairs written as escapes.
 */
const UNSAFE_RAW = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

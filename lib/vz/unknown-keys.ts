import { parameterOf, ruleFor } from './parameters.ts';

/** Why vzctl of OpenVZ Legacy ignores a key that it does not know, as far as the key tells. */
export function reasonForUnknown(key: string): string {
  if (key === '') return 'nothing stands before the "="';
  const known = parameterOf(key)?.dropped;
  if (known) return known.reason;
  const meant = meantKey(key);
  if (meant !== null) return `vzctl reads ${meant}= only when it is written exactly so`;
  return 'vzctl does not know this key';
}

/**
 * The key that was meant by one that vzctl does not know, where it is only written in another way: `HOSTNAME ` (spaces
 * around the `=`), `export HOSTNAME`, `hostname`. null: none.
 */
export function meantKey(key: string): string | null {
  const meant = BENT_KEY.exec(key)?.[1]?.toUpperCase() ?? '';
  return meant !== key && ruleFor(meant) ? meant : null;
}

/** A byte order mark (also where the line is read as Latin-1), `export`, spaces, `+=`, another case. */
const BENT_KEY = /^(?:\ufeff|\xef\xbb\xbf)?(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*\+?$/;

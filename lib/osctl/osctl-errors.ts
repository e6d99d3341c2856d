import type { FailureCode } from '../errors.ts';
import { EXIT } from '../errors.ts';

export interface OsctlError {
  readonly code: string;
  readonly exit: FailureCode;
  readonly text: string;
  readonly hint: string | undefined;
}

/**
 * Recognises what osctl says on stderr (`error: TEXT`). Only a handful of osctld's errors reach the client as text; all
 * others are `internal error`. Unknown text is passed on as it is.
 */
export function recogniseOsctlError(stderr: string): OsctlError | null {
  const text = /^error: (.+)$/m.exec(stderr)?.[1];
  if (text === undefined) return null;
  const known = KNOWN.find(({ pattern }) => pattern.test(text));
  return known
    ? { code: known.code, exit: known.exit, text, hint: known.hint }
    : { code: 'IMPORT_FAILED', exit: EXIT.unavailable, text, hint: undefined };
}

interface Known {
  readonly pattern: RegExp;
  readonly code: string;
  readonly exit: FailureCode;
  readonly hint?: string;
}

const KNOWN: readonly Known[] = [
  { pattern: / is held by /, code: 'LOCKED', exit: EXIT.tempFail, hint: 'repeat it when that has ended' },
  {
    pattern: /^container \S+ already exists$/,
    code: 'ID_TAKEN',
    exit: EXIT.refused,
    hint: 'another id: --as-id',
  },
  { pattern: /^pool not found$|^the pool is disabled$/, code: 'POOL', exit: EXIT.refused },
  { pattern: /^user not found$/, code: 'NO_USER', exit: EXIT.refused },
  { pattern: /^group not found$/, code: 'NO_GROUP', exit: EXIT.refused },
  {
    pattern: /^invalid name, allowed format/,
    code: 'NO_AUTOMATIC_USER',
    exit: EXIT.refused,
    hint: 'another id with --as-id, or a user with --as-user',
  },
  {
    pattern: /^device '.*' not available in group|provides only mode '.*' for device/,
    code: 'DEVICE',
    exit: EXIT.refused,
    hint: '--missing-devices provide, or remove',
  },
  // Of `ct devices add`; one that the group hands down counts too.
  { pattern: /^device already exists$/, code: 'DEVICE_EXISTS', exit: EXIT.refused },
  {
    pattern: /^internal error$/,
    code: 'INTERNAL_ERROR',
    exit: EXIT.unavailable,
    hint: "the reason is in osctld's log on the node",
  },
];

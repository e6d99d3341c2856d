import { EXIT, type FailureCode, VzError } from '../../errors.ts';

/** What the receiving side answered, `Error: TEXT`. */
export interface ReceiveError {
  readonly code: ReceiveCode;
  readonly exit: FailureCode;
  readonly text: string;
  readonly hint: string | undefined;
}

export type ReceiveCode =
  | 'RECEIVE_KEY'
  | 'ID_TAKEN'
  | 'NO_CONTAINER'
  | 'POOL'
  | 'POOL_DISABLED'
  | 'NOT_STAGED'
  | 'SEND_SEQUENCE'
  | 'STREAM_REFUSED'
  | 'NO_DATASET'
  | 'DEVICE'
  | 'PROTOCOL'
  | 'START_FAILED'
  | 'INTERNAL_ERROR'
  | 'RECEIVE_FAILED';

/** Recognises what osctld says to `receive …`; null: it says nothing of its own. Unknown text is passed on as it is. */
export function recogniseReceiveError(stderr: string): ReceiveError | null {
  const text = /^Error: (.+)$/m.exec(stderr)?.[1]?.trim();
  if (text === undefined) return null;
  const { code, exit, hint } = KNOWN.find(({ pattern }) => pattern.test(text)) ?? UNKNOWN;
  return { code, exit, text, hint };
}

/** The error for people. */
export function receiveFailure({ code, exit, text, hint }: ReceiveError, where: string): VzError {
  return new VzError(code, { exit, where, what: text, hint });
}

/** For a command that the node answers with its usage. */
export function unknownCommand(where: string): VzError {
  return new VzError('PROTOCOL', {
    exit: EXIT.unavailable,
    where,
    what: 'does not know this command of the receive protocol',
  });
}

interface Known {
  readonly code: ReceiveCode;
  readonly exit: FailureCode;
  readonly hint?: string | undefined;
}

const UNKNOWN: Known = { code: 'RECEIVE_FAILED', exit: EXIT.unavailable };
const LOG = "the reason is in osctld's log on the node";
const KEY_HINT =
  'as its administrator, look at: osctl receive authorized-keys ls (passphrase, --from, --single-use already used)';

const KNOWN: readonly (Known & { readonly pattern: RegExp })[] = [
  {
    pattern: /^invalid authentication key$/,
    code: 'RECEIVE_KEY',
    exit: EXIT.noPermission,
    hint: KEY_HINT,
  },
  {
    pattern: /^authentication key mismatch$|^key pool not found$/,
    code: 'RECEIVE_KEY',
    exit: EXIT.noPermission,
    hint: 'all steps of a migration need the key that it was staged with',
  },
  {
    pattern: /^access denied: invalid container id$/,
    code: 'RECEIVE_KEY',
    exit: EXIT.noPermission,
    hint: 'the key is for other ids only (--ctid)',
  },
  {
    pattern: /^container \S+ already exists$/,
    code: 'ID_TAKEN',
    exit: EXIT.refused,
    hint: 'cancel the migration that has staged it, or, as root there when it is not wanted: osctl ct del; or another id with vz-to-osctl --as-id',
  },
  {
    pattern: /^container not found$/,
    code: 'NO_CONTAINER',
    exit: EXIT.unavailable,
    hint: 'somebody has removed or transferred it there: look, then cancel and stage anew',
  },
  { pattern: /^pool not found$/, code: 'POOL', exit: EXIT.refused },
  { pattern: /^the pool is disabled$/, code: 'POOL_DISABLED', exit: EXIT.tempFail },
  { pattern: /^this container is not staged$/, code: 'NOT_STAGED', exit: EXIT.unavailable },
  { pattern: /^invalid send sequence$/, code: 'SEND_SEQUENCE', exit: EXIT.unavailable },
  {
    pattern: /^unable to receive stream\b/,
    code: 'STREAM_REFUSED',
    exit: EXIT.unavailable,
    hint: `${LOG}; is there room on its pool?`,
  },
  { pattern: /^dataset does not exist$/, code: 'NO_DATASET', exit: EXIT.refused },
  {
    pattern: /^device '.*' not available in group|provides only mode '.*' for device/,
    code: 'DEVICE',
    exit: EXIT.refused,
    hint: 'leave it out of the document, or have the group provide it: osctl group devices add',
  },
  {
    pattern: /^unsupported send\/receive protocol version|^send\/receive protocol version mismatch/,
    code: 'PROTOCOL',
    exit: EXIT.unavailable,
  },
  {
    pattern: /container failed to start$|^timed out while waiting for container to start$/,
    code: 'START_FAILED',
    exit: EXIT.unavailable,
  },
  { pattern: /^internal error$/, code: 'INTERNAL_ERROR', exit: EXIT.unavailable, hint: LOG },
];

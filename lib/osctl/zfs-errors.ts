export interface ZfsError {
  readonly code: string;
  readonly hint: string;
}

/** Recognises what `zfs set` says on stderr (libzfs, `zfs_setprop_error`): `cannot set property for 'DATASET': TEXT`. */
export function recogniseZfsError(stderr: string): ZfsError | null {
  const text = /^cannot set property for '[^']*': (.+)$/m.exec(stderr)?.[1];
  const known = text === undefined ? undefined : KNOWN.find(({ pattern }) => pattern.test(text));
  return known ? { code: known.code, hint: known.hint } : null;
}

const KNOWN: readonly { readonly pattern: RegExp; readonly code: string; readonly hint: string }[] = [
  {
    pattern: /^size is less than current used or reserved space$/,
    code: 'QUOTA_BELOW_USED',
    hint: 'the container holds more than that: free space in it and repeat the command, or set a larger quota',
  },
];

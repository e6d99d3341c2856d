import { bindingAvailable } from 'ssh2/lib/protocol/crypto.js';

/** What passes through all channels of this process, and whom to tell when it is much. */
let passedBytes = 0;
let isSaid = false;

/** Says once, when a bulk of data flows, that the native addon is missing and that all is slow for it. */
export function countBytes(bytes: number, warn: (line: string) => void): void {
  passedBytes += bytes;
  if (isSaid || bindingAvailable || passedBytes < BULK_BYTES) return;
  isSaid = true;
  warn(
    'the built-in ssh client is slower without its native addon (build with a C++ compiler and the headers of Node.js, or use --ssh openssh)',
  );
}

/** Documents and listings are never so large. */
const BULK_BYTES = 32 * 1024 * 1024;

/** Recognises what gzip, tar and zfs say of data that is damaged, and not of the machine that they run on. */
export function isDamage(line: string): boolean {
  return DAMAGE.some((pattern) => pattern.test(line));
}

const DAMAGE: readonly RegExp[] = [
  /^(?:gzip|gunzip): stdin: (?:invalid compressed data|unexpected end of file|not in gzip format)/,
  /^tar: (?:This does not look like a tar archive|Skipping to next header|Unexpected EOF in archive|Child returned status 1)/,
  // libzfs_sendrecv.c
  /^cannot receive(?: [^:]*)?: (?:.*invalid (?:backup )?stream|.*checksum mismatch|.*incomplete stream|.*bad magic number)/,
  /^internal error: .*(?:checksum mismatch|stream)/,
];

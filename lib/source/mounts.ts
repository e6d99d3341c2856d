export interface Mount {
  readonly device: string;
  readonly path: string;
  readonly type: string;
}

/** /proc/mounts (proc(5), fstab(5)): blanks, tabs, newlines and backslashes of a name are octal escapes. */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [device, path, type] = line.split(' ').map(decodeOctal);
    return device !== undefined && path !== undefined && type !== undefined ? [{ device, path, type }] : [];
  });
}

/** The mount that holds `path`: the deepest, and of several on one directory the last, which hides the others. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts) {
    if (!isWithin(mount.path, path)) continue;
    if (found === undefined || mount.path.length >= found.path.length) found = mount;
  }
  return found;
}

/** Mount points below `path`, not `path` itself, each once. */
export function mountsBelow(mounts: readonly Mount[], path: string): string[] {
  const below = mounts.map((mount) => mount.path).filter((one) => one !== path && isWithin(path, one));
  return [...new Set(below)];
}

/** `path` is `directory` or lies below it. Both absolute and without links. */
export function isWithin(directory: string, path: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}

function decodeOctal(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes = Buffer.from(text).toString('latin1');
  const decoded = bytes.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return Buffer.from(decoded, 'latin1').toString();
}

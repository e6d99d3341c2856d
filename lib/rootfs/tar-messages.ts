/**
 * Passes tar's complaints on. Of a file system that keeps no extended attributes, tar says so with `--xattrs` for each file:
 * that is one line here, in words that say what it means.
 */
export function tarMessages(say: (line: string) => void): (line: string) => void {
  let isSaid = false;
  return (line) => {
    if (!NO_XATTRS.test(line)) return say(line);
    if (!isSaid) say('its file system has no extended attributes: there are none to pack');
    isSaid = true;
  };
}

/** `tar: NAME: Warning: Cannot flistxattr: Operation not supported`; the call differs by tar's version and the kind of file. */
const NO_XATTRS = /: Warning: Cannot \w*listxattr\w*: Operation not supported$/;

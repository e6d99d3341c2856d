/** Labels of letters, digits, `-` and (seen in the wild) `_`; at most what sethostname(2) takes. */
export function isHostname(text: string): boolean {
  return (
    text.length <= 64 && /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i.test(text)
  );
}

/** At most 15 bytes (IFNAMSIZ), and nothing that the guest's scripts or LXC's config could read as more than a name. */
export function isInterfaceName(text: string): boolean {
  // The loopback interface is there already.
  return text !== 'lo' && /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.test(text);
}

/** osctld takes /^[a-z0-9_-]{1,100}$/i; a leading dash would be an option of every later command. */
export function isContainerId(text: string): boolean {
  return /^[a-z0-9_][a-z0-9_-]{0,99}$/i.test(text);
}

/** osctld: /^[a-z0-9_-]{1,N}$/, where N is 31 less the length of the pool's name. */
export function isUserName(text: string): boolean {
  return /^[a-z0-9_][a-z0-9_-]{0,29}$/.test(text);
}

/** A path of names from the root group: `/default`, `/customers/web`. */
export function isGroupName(text: string): boolean {
  return text.length <= 200 && /^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/.test(text);
}

/** A unicast MAC address in lower case; undefined for anything else. */
export function readHwaddr(text: string): string | undefined {
  const address = text.toLowerCase();
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(address) || address === '00:00:00:00:00:00') return undefined;
  return Number.parseInt(address.slice(0, 2), 16) % 2 === 0 ? address : undefined;
}

/** As osctld's distributions have them: `7`, `leap-15.1`, `glibc-20180210`. */
export function isVersion(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text);
}

/**
 * Name of a ZFS dataset: what zfs takes of it, blanks included. Names of datasets below a container's own reach a shell
 * on the target, where `isSubdatasetName` counts.
 */
export function isDatasetName(text: string): boolean {
  return text.length < 256 && /^[A-Za-z][A-Za-z0-9_.: -]*(\/[A-Za-z0-9_.:][A-Za-z0-9_.: -]*)*$/.test(text);
}

/**
 * A part of the path is the name of a stream in an archive. osctld asks GNU tar for `rootfs/base.dat`, which takes that for
 * a directory as well, and so no dataset may be called so.
 */
export function hasStreamName(path: string): boolean {
  return /(?:^|\/)(?:base|incremental)\.dat(?:\.gz)?(?:\/|$)/.test(path);
}

/** Name relative to the container's dataset. osctld puts it into a shell without quotes. */
export function isSubdatasetName(text: string): boolean {
  return !hasStreamName(text) && /^[A-Za-z0-9_][A-Za-z0-9_.:-]*(\/[A-Za-z0-9_][A-Za-z0-9_.:-]*)*$/.test(text);
}

/** A relative path without `..`; `.` alone is the directory itself. */
export function isSubdirectory(text: string): boolean {
  if (text === '.') return true;
  return (
    text.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !text.includes('\0')
  );
}

import type { FailureCode } from '../errors.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Exit } from '../host/host.ts';

export interface VzctlRun {
  /** `stop`, `snapshot-mount`. */
  readonly verb: string;
  readonly ctid: string;
  readonly exit: Exit;
}

/**
 * What a failing vzctl means: its exit codes (vzctl(8), and include/vzerror.h of vzctl 3.0.23 to 4.11.1) as errors for
 * people. One that is not known here is shown as it is, with 69. Whatever kept it from stopping is STOP_FAILED.
 */
export function vzctlFailure({ verb, ctid, exit }: VzctlRun): VzError {
  const known = exit.code === null ? undefined : MEANINGS[exit.code];
  const how = exit.code === null ? `was killed by ${exit.signal}` : `failed (${exit.code})`;
  const said = exit.stderr.trimEnd().split('\n').at(-1);
  return new VzError(verb === 'stop' ? 'STOP_FAILED' : (known?.code ?? 'VZCTL_FAILED'), {
    exit: known?.exit ?? EXIT.unavailable,
    where: `ct ${ctid}`,
    what: [`vzctl ${verb} ${how}`, known?.what, said].filter(Boolean).join(': '),
    hint: known?.hint ?? `try: vzctl ${verb} ${ctid}${verb === 'snapshot' ? GENTLY : ''}`,
  });
}

/** Without these, a snapshot freezes the container and dumps its memory. */
const GENTLY = ' --skip-suspend --skip-config';

interface Meaning {
  readonly code: string;
  readonly exit: FailureCode;
  readonly what: string;
  readonly hint?: string;
}

const { unavailable, noInput, cantCreate, tempFail, noPermission, refused } = EXIT;
const AGAIN = 'somebody else changed its state meanwhile; look at why, and run it again';
const WITHOUT_SNAPSHOT = 'look at why; --no-ploop-snapshot exports without one';

/** What stopping, starting, mounting and snapshots can end with. 75: a repeat may help. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  3: { code: 'VZCTL_SYSTEM', exit: unavailable, what: 'a system call failed' },
  5: {
    code: 'NO_OPENVZ',
    exit: unavailable,
    what: 'not an OpenVZ kernel',
    hint: 'is the vz service running?',
  },
  6: { code: 'VZCTL_RESOURCES', exit: unavailable, what: 'the node is out of resources' },
  7: { code: 'START_FAILED', exit: unavailable, what: 'its environment could not be made' },
  9: {
    code: 'LOCKED',
    exit: tempFail,
    what: 'locked by another vzctl',
    hint: 'try again later (--wait)',
  },
  10: { code: 'VZ_CONF', exit: unavailable, what: 'vz.conf cannot be read' },
  11: { code: 'VZCTL_SCRIPT_MISSING', exit: unavailable, what: 'a script of vzctl is missing' },
  12: { code: 'NOT_ALLOWED', exit: noPermission, what: 'not allowed', hint: 'run as root' },
  14: {
    code: 'NO_CONTAINER',
    exit: noInput,
    what: 'there is no config for this id',
    hint: 'is this the right node?',
  },
  20: {
    code: 'VZCTL_TOO_OLD',
    exit: unavailable,
    what: 'it does not know this command or option',
    hint: '--no-consistent and --no-ploop-snapshot need less of vzctl',
  },
  21: { code: 'VZCTL_BAD_VALUE', exit: unavailable, what: 'it does not take this id or value' },
  31: { code: 'STATE_CHANGED', exit: tempFail, what: 'not running', hint: AGAIN },
  32: { code: 'STATE_CHANGED', exit: tempFail, what: 'running', hint: AGAIN },
  33: { code: 'STOP_FAILED', exit: unavailable, what: 'it could not be stopped' },
  40: { code: 'STATE_CHANGED', exit: tempFail, what: 'not mounted', hint: AGAIN },
  41: { code: 'STATE_CHANGED', exit: tempFail, what: 'already mounted', hint: AGAIN },
  43: { code: 'NO_PRIVATE_AREA', exit: noInput, what: 'its private area is missing' },
  46: { code: 'NODE_FULL', exit: cantCreate, what: 'no space left on the node' },
  50: { code: 'MOUNT_FAILED', exit: unavailable, what: 'its root filesystem cannot be mounted' },
  51: {
    code: 'UMOUNT_FAILED',
    exit: unavailable,
    what: 'its root filesystem cannot be unmounted',
    hint: 'something on the node uses it; look with: fuser -m VE_ROOT',
  },
  53: { code: 'MOUNT_FAILED', exit: unavailable, what: 'no private area, or of an unknown kind' },
  54: { code: 'NODE_FULL', exit: cantCreate, what: 'a directory cannot be made' },
  79: {
    code: 'ACTION_SCRIPT_FAILED',
    exit: unavailable,
    what: 'an action script failed',
    hint: 'the scripts are in /etc/vz/conf: CTID.* and vps.*',
  },
  99: {
    code: 'NO_PLOOP',
    exit: unavailable,
    what: 'ploop is not supported: a kernel module or the library is missing',
    hint: 'try: modprobe ploop pfmt_ploop1 pio_direct',
  },
  105: {
    code: 'DISABLED',
    exit: unavailable,
    what: 'starting it is disabled',
    hint: 'DISABLED=yes is in its config',
  },
  150: { code: 'PLOOP_IMAGE_MISSING', exit: refused, what: 'the image was not found' },
  151: { code: 'PLOOP_CREATE_FAILED', exit: unavailable, what: 'the image could not be made' },
  152: { code: 'PLOOP_MOUNT_FAILED', exit: unavailable, what: 'the image could not be mounted' },
  153: { code: 'PLOOP_UMOUNT_FAILED', exit: unavailable, what: 'the image could not be unmounted' },
  154: { code: 'PLOOP_RESIZE_FAILED', exit: unavailable, what: 'the image could not be resized' },
  155: { code: 'PLOOP_CONVERT_FAILED', exit: unavailable, what: 'the image could not be converted' },
  156: {
    code: 'SNAPSHOT_FAILED',
    exit: unavailable,
    what: 'the snapshot could not be made',
    hint: WITHOUT_SNAPSHOT,
  },
  157: { code: 'SNAPSHOT_MERGE_FAILED', exit: unavailable, what: 'the snapshot could not be merged' },
  158: { code: 'SNAPSHOT_DELETE_FAILED', exit: unavailable, what: 'the snapshot could not be deleted' },
  159: { code: 'SNAPSHOT_SWITCH_FAILED', exit: unavailable, what: 'no switch to the snapshot' },
  160: {
    code: 'SNAPSHOT_MOUNT_FAILED',
    exit: unavailable,
    what: 'the snapshot could not be mounted',
    hint: WITHOUT_SNAPSHOT,
  },
  161: { code: 'SNAPSHOT_UMOUNT_FAILED', exit: unavailable, what: 'the snapshot could not be unmounted' },
  167: { code: 'SNAPSHOT_LIST_FAILED', exit: unavailable, what: 'the snapshots cannot be listed' },
};

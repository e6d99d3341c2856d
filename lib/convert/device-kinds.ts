import type { FeatureDevice } from '../documents/follow-up.ts';
import { FEATURE_DEVICES } from '../documents/follow-up.ts';

/** A device by its numbers; `minor` null: all of the major. */
export interface DeviceNumbers {
  readonly type: 'block' | 'char';
  readonly major: number;
  readonly minor: number | null;
}

export const FEATURE_NAMES = Object.keys(FEATURE_DEVICES) as FeatureDevice[];

/** The feature that a device is there for, `standard` for one that every container has, or neither. */
export function kindOf({ type, major, minor }: DeviceNumbers): FeatureDevice | 'standard' | 'other' {
  if (type !== 'char') return 'other';
  if (major === PTS_MAJOR) return 'standard';
  const numbers = `${major}:${minor}`;
  if (STANDARD.some(([, standard]) => standard === numbers)) return 'standard';
  const feature = FEATURE_NAMES.find((name) => {
    const device = FEATURE_DEVICES[name];
    return device.major === major && device.minor === minor;
  });
  return feature ?? 'other';
}

/** `null`, `tun`, or `block 8:1`. */
export function deviceName({ type, major, minor }: DeviceNumbers): string {
  const kind = kindOf({ type, major, minor });
  if (kind === 'standard') {
    const numbers = `${major}:${minor}`;
    return STANDARD.find(([, standard]) => standard === numbers)?.[0] ?? `pts ${minor ?? 'all'}`;
  }
  return kind === 'other' ? `${type} ${major}:${minor ?? 'all'}` : kind;
}

/** The numbers that a node below /dev has on every Linux. Undefined: it differs, or nobody gives it to a container. */
export function numbersOf(name: string): DeviceNumbers | undefined {
  const feature = FEATURE_NAMES.find((one) => name === one || FEATURE_DEVICES[one].path === `/dev/${name}`);
  if (feature) {
    const { type, major, minor } = FEATURE_DEVICES[feature];
    return { type, major, minor };
  }
  const standard = STANDARD.find(([one]) => one === name);
  if (!standard) return undefined;
  const [major = 0, minor = 0] = standard[1].split(':').map(Number);
  return { type: 'char', major, minor };
}

/** Unix98 terminals, of any minor. */
const PTS_MAJOR = 136;
/** What the root group of osctld gives to all containers below it (osctld's group database). */
const STANDARD = [
  ['null', '1:3'],
  ['zero', '1:5'],
  ['full', '1:7'],
  ['random', '1:8'],
  ['urandom', '1:9'],
  ['kmsg', '1:11'],
  ['tty', '5:0'],
  ['console', '5:1'],
  ['ptmx', '5:2'],
] as const;

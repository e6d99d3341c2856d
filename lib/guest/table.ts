import type { Fix } from './fix.ts';
import { BOOT } from './table/boot.ts';
import { MOUNTS } from './table/mounts.ts';
import { NETWORK } from './table/network.ts';
import { SYSTEMD } from './table/systemd.ts';

/** Every fix, in the order in which they are made. */
export const FIXES: readonly Fix[] = [...BOOT, ...MOUNTS, ...NETWORK, ...SYSTEMD];

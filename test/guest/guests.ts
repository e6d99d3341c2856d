import { DEBIAN } from './guests/debian.ts';
import type { Guest } from './guests/guest.ts';
import { OTHERS } from './guests/others.ts';
import { REDHAT } from './guests/redhat.ts';

export const GUESTS: readonly Guest[] = [...DEBIAN, ...REDHAT, ...OTHERS];

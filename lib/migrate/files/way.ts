import type { Way } from '../way.ts';
import { commit, withhold } from './commit.ts';
import { discard, finish } from './discard.ts';
import { make } from './make.ts';
import { pass, prepareLast } from './passes.ts';
import { predict } from './prediction.ts';

/**
 * simfs, ploop, and ZFS in any other layout than private/ in a dataset: files, by tar and then by rsync, over a root session.
 * Until the commit they are in a directory that nothing starts from.
 */
export const filesWay: Way = { make, pass, predict, prepareLast, commit, withhold, discard, finish };

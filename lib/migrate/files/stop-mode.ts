import type { Run } from '../run.ts';
import { findTree } from './source.ts';

/** How the guard stops a container of which the last pass will be read. Throws VzError: as `findTree`. */
export async function stopMode(run: Run): Promise<'mounted' | 'unmounted'> {
  return (await findTree(run)).tree.stop;
}

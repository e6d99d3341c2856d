import type { VzMigration } from '../../documents/documents.ts';
import { isSentAsStreams } from '../ways.ts';
import { filesPlan } from './files.ts';
import { receivePlan } from './receive.ts';
import { rootPlan } from './streams-by-root.ts';
import type { WayPlan } from './way-plan.ts';

/** The plan of the way that `wayOf` chooses. */
export function planOf({ container, destination }: VzMigration): WayPlan {
  if (!isSentAsStreams(container)) return filesPlan;
  return destination.via === 'receive' ? receivePlan : rootPlan;
}

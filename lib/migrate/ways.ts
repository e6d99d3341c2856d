import type { VzMigration } from '../documents/documents.ts';
import { filesWay } from './files/way.ts';
import type { Way } from './way.ts';
import { receiveWay, rootWay } from './zfs/ways.ts';

/** Datasets with private/ in them go as send streams, everything else as files. */
export function isSentAsStreams({ source }: VzMigration['container']): boolean {
  return source.layout === 'zfs' && source.subdir === 'private';
}

/** The way of a migration; it never changes once the target was made. */
export function wayOf({ container, destination }: VzMigration): Way {
  if (!isSentAsStreams(container)) return filesWay;
  return destination.via === 'receive' ? receiveWay : rootWay;
}

import type { OsctlContainer } from '../documents/osctl-container.ts';
import { EXIT, VzError } from '../errors.ts';

/** Throws VzError (78) for a container that no node runs: what `needs` a running one cannot be done with it. */
export function refuseOffline({ ctid, source }: OsctlContainer, needs: string): void {
  if (source.offline === null) return;
  throw new VzError('OFFLINE', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: `no node runs it, and ${needs}`,
    hint: 'its files can be brought: vz-rootfs-tar | osctl-bundle | osctl-import',
  });
}

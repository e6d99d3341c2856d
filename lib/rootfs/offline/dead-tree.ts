import { existsSync, realpathSync } from 'node:fs';
import type { OsctlContainer } from '../../documents/osctl-container.ts';
import { EXIT, VzError } from '../../errors.ts';
import { localHost } from '../../host/local.ts';
import { quoteForShell } from '../../host/quote.ts';
import { isWithin, mountOf, parseMounts } from '../../source/mounts.ts';
import { plainTree } from '../trees/plain.ts';
import { BALLOON } from '../trees/ploop-image.ts';
import type { Tree } from '../trees/tree.ts';

/**
 * The files of a dead node's container, where its disks are mounted: its private area, or of a ploop container the place
 * where a person has mounted its image. Throws VzError: 65 when the document lacks a path, 66 and 78 when it is not there or
 * leads out of the prefix, 78 for an image that is not mounted.
 */
export async function deadTree({ ctid, source }: OsctlContainer, prefix: string): Promise<Tree> {
  const isPloop = source.layout === 'ploop';
  const path = isPloop ? source.rootPath : source.privatePath;
  const where = `ct ${ctid}`;
  if (!path?.startsWith('/')) {
    const what = `source.${isPloop ? 'rootPath' : 'privatePath'}: the document does not say where its files are`;
    throw new VzError('NO_PRIVATE_PATH', { exit: EXIT.data, where, what });
  }
  // vz-parse-config has followed the links; one that has come since could lead anywhere.
  if (existsSync(path) && (realpathSync(path) !== path || !isWithin(prefix, path))) {
    const hint = 'make its document anew with vz-parse-config';
    throw new VzError('OUTSIDE', { exit: EXIT.refused, where, what: `${path} leads out of ${prefix}`, hint });
  }
  if (!isPloop) return plainTree(path, ctid);
  const mounts = parseMounts(String((await localHost.readFile('/proc/mounts')) ?? ''));
  if (mountOf(mounts, path)?.path === path) return plainTree(path, ctid, { excludes: [BALLOON] });
  const image = `${source.privatePath}/root.hdd`;
  const [root, disk, descriptor] = [path, `${image}/root.hdd`, `${image}/DiskDescriptor.xml`].map(
    quoteForShell,
  );
  const { snapshots = null } = source.facts ?? {};
  const nbd = `qemu-nbd -r -f parallels -c /dev/nbd0 ${disk} && mount -o ro,noload /dev/nbd0p1 ${root}`;
  const ploop = `ploop mount -r -m ${root} ${descriptor}`;
  throw new VzError('PLOOP_NOT_MOUNTED', {
    exit: EXIT.refused,
    where,
    what: `a ploop container, whose files are in the image ${image}`,
    hint:
      snapshots === 0
        ? `mount it read-only, and run this again: ${nbd} (or where there is ploop: ${ploop})`
        : `mount it read-only where there is ploop, and run this again: ${ploop} (without snapshots also: ${nbd})`,
  });
}

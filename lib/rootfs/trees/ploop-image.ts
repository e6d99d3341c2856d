import { EXIT, VzError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { run } from '../../host/run.ts';
import { mountOf, parseMounts } from '../../source/mounts.ts';
import type { TreeSource } from './tree.ts';

/** Paths of a ploop container, which are both needed. */
export interface PloopPaths {
  readonly privatePath: string;
  /** VE_ROOT. */
  readonly rootPath: string;
  readonly descriptor: string;
}

/**
 * Looks on the node whether there is an image. Throws VzError: 65 when the document lacks a path, 78 when the private
 * area holds no image.
 */
export async function findImage({ host, ctid, source }: TreeSource): Promise<PloopPaths> {
  const { privatePath, rootPath } = source;
  if (!privatePath?.startsWith('/') || !rootPath?.startsWith('/')) {
    throw new VzError('NO_PLOOP_PATHS', {
      exit: EXIT.data,
      where: `ct ${ctid}`,
      what: 'source.privatePath, source.rootPath: a ploop container needs both',
      hint: 'make the document with vz-parse-config on the node, so that vz.conf is read',
    });
  }
  const descriptor = `${privatePath}/root.hdd/DiskDescriptor.xml`;
  if ((await host.readFile(descriptor)) !== null) return { privatePath, rootPath, descriptor };
  throw new VzError('PLOOP_IMAGE_MISSING', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: `its layout is ploop, but there is no ${descriptor}`,
    hint: 'is its file system mounted?',
  });
}

/**
 * Proves that a file system is mounted at `path` and looks like a root filesystem: an empty mount point would pass for a
 * container. Returns its real path. Throws VzError (78).
 */
export async function requireMounted(host: Host, ctid: string, path: string): Promise<string> {
  const { code, stdout } = await run(host, ['sh', '-c', 'cd -P -- "$1" && pwd -P', 'sh', path]);
  const real = stdout.toString().slice(0, -1);
  const mounts = parseMounts(String((await host.readFile('/proc/mounts')) ?? ''));
  if (code === 0 && mountOf(mounts, real)?.path === real) {
    const names = await host.listDirectory(`${real}/etc`);
    if (names) return real;
  }
  throw new VzError('NOT_MOUNTED', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: `no root filesystem is mounted at ${path}`,
    hint: `look with: vzctl status ${ctid}`,
  });
}

/** ploop's balloon, which shrinks the image: as large as what was taken from it, and no file of the container. */
export const BALLOON = '.balloon-c3a5ae3d-ce7f-43c4-a1ea-c61e2b4504e8';

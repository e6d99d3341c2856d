import type { OsctlContainer } from '../documents/documents.ts';
import type { NodeFacts } from '../documents/facts.ts';
import { isDatasetName } from '../documents/names.ts';
import { EXIT, VzError } from '../errors.ts';
import { readUsableStatus } from '../export/usable-status.ts';
import type { Host } from '../host/host.ts';
import { checkExit, inOrder, run } from '../host/run.ts';
import { probeNode } from '../source/probe.ts';
import type { ZfsDataset } from './datasets.ts';
import { listDatasets, memberPrefix } from './datasets.ts';

/** What was found out about the source before anything is touched. */
export interface ZfsPreflight {
  readonly dataset: string;
  readonly running: boolean;
  readonly node: NodeFacts;
  /** The dataset and its subdatasets, parents first. */
  readonly datasets: readonly ZfsDataset[];
  readonly warnings: readonly string[];
}

/**
 * Looks at the source and refuses what cannot become a good export, with nothing stopped yet. Throws VzError: 66 no such
 * container, dataset or private area; 69 no zfs; 78 another layout, suspended, a strange state, names that the target
 * cannot have.
 */
export async function preflight(
  host: Host,
  document: OsctlContainer,
  signal: AbortSignal,
): Promise<ZfsPreflight> {
  const { ctid, source } = document;
  const { dataset, privatePath } = requireLayout(document);
  const node = source.facts?.node ?? (await probeNode(host, signal));
  if (!node.programs.zfs)
    throw new VzError('NO_ZFS', { exit: EXIT.unavailable, where: host.label, what: 'no program zfs there' });
  const [{ running }, found] = await inOrder(
    readUsableStatus(host, ctid, signal),
    listDatasets(host, dataset, signal),
    requireRootfs(host, document, { dataset, privatePath }),
  );
  const datasets = found
    .filter(({ type }) => type === 'filesystem')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name } of datasets) memberPrefix(dataset, name);
  const volumes = found.filter(({ type }) => type === 'volume').map(({ name }) => name);
  return { dataset, running, node, datasets, warnings: warningsOf(document, volumes) };
}

function requireLayout({ ctid, source }: OsctlContainer): { dataset: string; privatePath: string } {
  if (source.layout !== 'zfs') {
    throw refuse(
      ctid,
      'NOT_ZFS',
      `${describeLayout(source)}: its data is exported as files`,
      'use vz-rootfs-tar',
    );
  }
  const { dataset, privatePath, subdir } = source;
  if (dataset === null || !isDatasetName(dataset) || !privatePath?.startsWith('/')) {
    throw new VzError('NO_DATASET', {
      exit: EXIT.data,
      where: `ct ${ctid}`,
      what: 'source: the document does not say which dataset and private area',
      hint: 'make it with vz-parse-config on the node, or name it with vz-to-osctl --zfs-dataset',
    });
  }
  if (subdir === 'private') return { dataset, privatePath };
  throw refuse(
    ctid,
    'NOT_ZFS',
    `its root filesystem is ${subdir === null ? "the dataset's own root" : `${subdir}/`}, not private/: its data is exported as files`,
    'use vz-rootfs-tar',
  );
}

function describeLayout({ layout, dataset }: OsctlContainer['source']): string {
  if (layout === 'ploop') return 'a ploop container';
  return dataset === null
    ? 'a simfs container without a ZFS dataset of its own'
    : `a simfs container whose root filesystem is not in private/ of ${dataset}`;
}

/**
 * VE_PRIVATE has to be private/ of what is mounted from this dataset, and a root filesystem: else the wrong data would be
 * sent, or, with a dataset that is not mounted, what an empty directory below hides.
 */
async function requireRootfs(
  host: Host,
  { ctid }: OsctlContainer,
  { dataset, privatePath }: { readonly dataset: string; readonly privatePath: string },
): Promise<void> {
  // POSIX df -P: a line a file system; the device of ZFS is the dataset.
  const [names, df] = await inOrder(
    host.listDirectory(privatePath),
    run(host, ['df', '-P', '--', privatePath]),
  );
  if (!names) {
    throw new VzError('NO_PRIVATE_AREA', {
      exit: EXIT.noInput,
      where: `ct ${ctid}`,
      what: `${privatePath} is no directory`,
      hint: 'is its dataset mounted?',
    });
  }
  checkExit(host, ['df'], df);
  const { device, mountpoint } =
    /^(?<device>.+?) +\d+ +-?\d+ +-?\d+ +\S+ +(?<mountpoint>\/.*)$/m.exec(df.stdout.toString())?.groups ?? {};
  if (device !== dataset) {
    const what = `${privatePath} lies on ${device ?? 'an unknown file system'}, not on the dataset ${dataset}`;
    throw refuse(ctid, 'OTHER_DATASET', what, 'is the dataset mounted, and is it the right one?');
  }
  const { code } = await run(host, [
    'sh',
    '-c',
    '[ "$1" -ef "$2" ]',
    'sh',
    `${mountpoint}/private`,
    privatePath,
  ]);
  if (code !== 0) {
    const what = `${privatePath} is not private/ of the dataset ${dataset}, mounted at ${mountpoint}`;
    throw refuse(ctid, 'OTHER_DATASET', what, 'use vz-rootfs-tar');
  }
  if (names.some((name) => ['bin', 'etc', 'sbin', 'usr'].includes(name))) return;
  throw refuse(ctid, 'NO_ROOTFS', `${privatePath} holds no root filesystem: no bin, etc, sbin or usr`, '');
}

function warningsOf({ source }: OsctlContainer, volumes: readonly string[]): string[] {
  const { count, examples } = source.facts?.deep?.foreignIds ?? { count: '0', examples: [] };
  return [
    ...(volumes.length === 0 ? [] : [`volumes below the dataset are not sent: ${volumes.join(', ')}`]),
    ...(count === '0'
      ? []
      : [
          `${count} files are owned by ids above 65535 and will show as 65534: ${examples.slice(0, 3).join(', ')}`,
        ]),
  ];
}

function refuse(ctid: string, code: string, what: string, hint: string): VzError {
  return new VzError(code, { exit: EXIT.refused, where: `ct ${ctid}`, what, hint: hint || undefined });
}

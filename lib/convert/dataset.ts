import { isSubdatasetName } from '../documents/names.ts';
import type { OsctlContainer } from '../documents/osctl-container.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Context } from './context.ts';
import { listing } from './listing.ts';
import { CTID_HERE } from './options.ts';

type Source = OsctlContainer['source'];
type Storage = Pick<Source, 'layout' | 'dataset' | 'subdir' | 'compressedSend'>;

/**
 * Where the container is in ZFS, as it was found or as the operator says, and whether it can be sent as a dataset: only
 * from `private/`, where osctld looks for the root filesystem of a received one. `files` is how it is exported otherwise.
 * Throws VzError (78) for a dataset that is not known or not the one the container runs from, for a ploop image that is
 * to be sent, and for names that osctld cannot take.
 */
export function convertStorage(context: Context, files: 'simfs' | 'ploop'): Storage {
  const { options, ledger } = context;
  const place = findPlace(context, files);
  const isSent =
    place !== null && files === 'simfs' && place.subdir === 'private' && options.zfs.isZfs !== false;
  if (place && isSent) checkChildren(context, place);
  if (place && place.children.length > 0) warnOfChildren(context, place, isSent);
  const compressedSend = isSent && options.zfs.compressedSend;
  if (options.zfs.compressedSend && !isSent)
    ledger.warn('FLAG_WITHOUT_EFFECT', '--zfs-compressed-send has no effect: files are exported');
  if (place === null || options.zfs.isZfs === false)
    return { layout: files, dataset: null, subdir: null, compressedSend };
  if (!isSent) ledger.warn('ZFS_LAYOUT', explainLayout(place, files));
  const { dataset, subdir } = place;
  return { layout: isSent ? 'zfs' : files, dataset, subdir, compressedSend };
}

interface Place {
  readonly dataset: string;
  readonly subdir: string | null;
  readonly children: readonly string[];
}

function findPlace({ config, options }: Context, files: 'simfs' | 'ploop'): Place | null {
  const found = config.facts?.dataset ?? null;
  const { isZfs } = options.zfs;
  const dataset = options.zfs.dataset?.replace(CTID_HERE, config.ctid) ?? null;
  const subdir = options.zfs.subdir === '.' ? null : options.zfs.subdir;
  if (isZfs && files === 'ploop') {
    const what = 'a ploop container: its dataset holds an image, and osctld looks for files';
    throw refuse(config.ctid, 'ZFS_PLOOP', what, 'without --zfs and --zfs-dataset, vz-rootfs-tar packs it');
  }
  if (dataset === null) {
    if (found) return { dataset: found.name, subdir: found.subdir, children: found.children };
    if (!isZfs) return null;
    const what = '--zfs: no dataset of its own was found';
    throw refuse(config.ctid, 'DATASET_UNKNOWN', what, 'name it with --zfs-dataset');
  }
  if (found === null) {
    return { dataset, subdir: options.zfs.subdir === null ? 'private' : subdir, children: [] };
  }
  if (found.name !== dataset) {
    const what = `--zfs-dataset: its private area lies in ${found.name}, not in ${dataset}`;
    throw refuse(config.ctid, 'DATASET_DIFFERS', what);
  }
  if (options.zfs.subdir !== null && subdir !== found.subdir) {
    const what = `--zfs-subdir: its private area is ${inWords(found.subdir)} of ${found.name}, not ${inWords(subdir)}`;
    throw refuse(config.ctid, 'SUBDIR_DIFFERS', what);
  }
  return { dataset, subdir: found.subdir, children: found.children };
}

/** Their names reach a shell on the target. */
function checkChildren({ config }: Context, { dataset, children }: Place): void {
  const bad = children.find((name) => !isSubdatasetName(name.slice(dataset.length + 1)));
  if (bad === undefined) return;
  const what = `the name of the dataset ${JSON.stringify(bad)} has characters that osctld cannot take`;
  throw refuse(config.ctid, 'DATASET_NAME', what, 'rename it, or export files with --no-zfs');
}

function explainLayout({ dataset, subdir }: Place, files: 'simfs' | 'ploop'): string {
  if (files === 'ploop') return `the ploop image lies in dataset ${dataset}: its files are exported`;
  const where = subdir === null ? `${dataset}'s root itself` : `${subdir}/ of ${dataset}`;
  return `the root filesystem is ${where}, not its private/: exported as files from a snapshot`;
}

function warnOfChildren({ ledger }: Context, place: Place, isSent: boolean): void {
  const names = listing(place.children, { most: MOST_NAMES });
  if (isSent) {
    const text = `datasets of their own come along, but nothing mounts them in the container there: ${names}`;
    ledger.warn('ZFS_SUBDATASETS', text);
  } else {
    ledger.warn('ZFS_SUBDATASETS_LEFT', `datasets of their own are not moved: ${names}`);
  }
}

function inWords(subdir: string | null): string {
  return subdir === null ? 'the root' : `${subdir}/`;
}

function refuse(ctid: string, code: string, what: string, hint?: string): VzError {
  return new VzError(code, { exit: EXIT.refused, where: `ct ${ctid}`, what, hint });
}

const MOST_NAMES = 5;

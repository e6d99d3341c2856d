import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import { isDatasetName, isSubdirectory } from '../documents/names.ts';
import type { VzError } from '../errors.ts';
import { CTID_HERE, type ZfsOptions } from './options.ts';

/** Reads the flags about ZFS. Throws VzError USAGE (64) for names that zfs does not take and flags that contradict. */
export function readZfsOptions(flags: Flags): ZfsOptions {
  if (flags.on('vpsadmin')) return readVpsadmin(flags);
  const dataset = flags.text('zfs-dataset') ?? null;
  const subdir = flags.text('zfs-subdir')?.replace(/\/+$/, '') ?? null;
  if (dataset !== null && !isDatasetName(dataset))
    throw expected('zfs-dataset', 'the name of a dataset such as vz/private/101', dataset);
  if (subdir !== null && !isSubdirectory(subdir))
    throw expected('zfs-subdir', 'a relative directory such as private, or .', subdir);
  if (subdir !== null && dataset === null)
    throw usage('--zfs-subdir: is for --zfs-dataset, which is missing');
  const compressedSend = flags.on('zfs-compressed-send');
  if (flags.on('zfs', true)) {
    const isGiven = flags.on('zfs') || dataset !== null;
    return { isZfs: isGiven ? true : null, dataset, subdir, compressedSend };
  }
  const other = dataset !== null ? 'zfs-dataset' : compressedSend ? 'zfs-compressed-send' : undefined;
  if (other !== undefined) throw usage(`--no-zfs: contradicts --${other}`);
  return { isZfs: false, dataset, subdir, compressedSend };
}

function readVpsadmin(flags: Flags): ZfsOptions {
  if (!flags.on('zfs', true)) throw usage('--no-zfs: contradicts --vpsadmin');
  return { ...VPSADMIN, compressedSend: flags.on('zfs-compressed-send') };
}

/** Where vpsAdmin keeps containers of OpenVZ Legacy. */
const VPSADMIN = { isZfs: true, dataset: `vz/private/${CTID_HERE}`, subdir: 'private' } as const;

function expected(name: string, what: string, text: string): VzError {
  return usage(`--${name}: expected ${what}, got ${JSON.stringify(text)}`);
}

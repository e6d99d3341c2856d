import { EXIT, VzError } from '../../errors.ts';
import { runChecked, run as runOn } from '../../host/run.ts';
import { parseMounts } from '../../source/mounts.ts';
import type { Run } from '../run.ts';
import { isSentAsStreams } from '../ways.ts';
import { fullName } from '../zfs/source.ts';
import { readBoot } from './boot.ts';

/**
 * What the id names on the old node is still what has moved: disabled by us, with its private area where it was. Since then
 * somebody may have made another one of that id. Throws VzError: 78 it is not; 66, 69.
 */
export async function requireOldContainer(run: Run): Promise<void> {
  const { ctid, container } = run.journal.document;
  const { disabled } = await readBoot(run, false);
  if (disabled !== 'yes') throw refuse(ctid, 'is not disabled any more');
  const listed = await runChecked(run.source, ['vzlist', '-a', '-H', '-o', 'private', ctid]);
  const path = withoutSlash(listed.trim());
  if (path !== withoutSlash(container.source.privatePath ?? ''))
    throw refuse(ctid, `has its private area in ${path}, not in ${container.source.privatePath}`);
}

/**
 * Why a dataset is not known to hold this container and nothing else, all of which has moved; null: it does. `exists`: its config
 * is there, and was looked at. Throws VzError (69).
 */
export async function whyNotOwn(run: Run, dataset: string, exists: boolean): Promise<string | null> {
  const { ctid, container, sync } = run.journal.document;
  const { subdir, privatePath } = container.source;
  const places = await placesOf(run, dataset);
  // As vz-parse-config has it: one in a directory of another name holds more than this container.
  const isOwn = places.some(
    (path) =>
      path.endsWith(`/${ctid}`) || (exists && subdir === null && path === withoutSlash(privatePath ?? '')),
  );
  if (!isOwn) return 'nothing says that it holds this container alone';
  const columns = ['-H', '-o', 'name', '-t', 'filesystem,volume'];
  const below = await runChecked(run.source, ['zfs', 'list', ...columns, '-r', dataset]);
  const moved = isSentAsStreams(container)
    ? sync.datasets.map(({ name }) => fullName(dataset, name))
    : [dataset];
  const others = below.split('\n').filter((name) => name !== '' && !moved.includes(name));
  return others.length === 0 ? null : `${others.join(', ')} was not moved`;
}

/** Where it is mounted, and where it would be: a destruction that was broken off has unmounted it. */
async function placesOf(run: Run, dataset: string): Promise<string[]> {
  const mounts = parseMounts(String((await run.source.readFile('/proc/mounts')) ?? ''));
  const mounted = mounts.filter(({ device }) => device === dataset).map(({ path }) => path);
  const listed = await runChecked(run.source, ['zfs', 'list', '-H', '-o', 'mountpoint', dataset]);
  return [...mounted, withoutSlash(listed.trim())];
}

/** Throws VzError (69) when zfs cannot be asked. */
export async function hasDataset(run: Run, dataset: string): Promise<boolean> {
  const { code, stderr } = await runOn(run.source, ['zfs', 'list', '-H', '-o', 'name', dataset]);
  if (code === 0) return true;
  if (/does not exist/.test(stderr)) return false;
  throw new VzError('ZFS_FAILED', {
    exit: EXIT.unavailable,
    where: run.source.label,
    what: `zfs list ${dataset} exited with ${code}`,
  });
}

function refuse(ctid: string, what: string): VzError {
  return new VzError('OTHER_CONTAINER', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: `on the old node it ${what}: is that still the one that has moved? It is not deleted`,
    hint: 'look at it there; without --delete, cleanup keeps it',
  });
}

function withoutSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}

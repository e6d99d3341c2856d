import { runChecked } from '../../host/run.ts';
import type { Run } from '../run.ts';
import { namesOf, rootOf, runStep } from './node-script.ts';
import script from './set-maps.sh';

/**
 * Takes the id maps off the container's dataset, and mounts it: rsync would see other ids than those it has written, and
 * chown everything again in each pass. They are written down before. Nothing is to be done where there are none (`map_mode:
 * native`), or they are off already. Throws VzError: 69, 75.
 */
export async function takeMapsOff(run: Run): Promise<void> {
  const { target } = run.journal.document;
  const names = namesOf(run);
  const argv = ['zfs', 'get', '-H', '-o', 'value', 'uidmap,gidmap', names.dataset];
  const [uid = '', gid = ''] = (await runChecked(rootOf(run), argv)).split('\n');
  if (target && target.maps === null && isMap(uid) && isMap(gid))
    await run.journal.save({ target: { ...target, maps: { uid, gid } } });
  const off = run.journal.document.target?.maps ? ['none', 'none'] : [uid, gid];
  await run.journal.effect('zfs set uidmap=none gidmap=none', () =>
    runStep(run, { script, names, args: off }),
  );
}

/** Gives the dataset the maps back that were taken off. Throws VzError: 69, 75. */
export async function putMapsOn(run: Run): Promise<void> {
  const { target } = run.journal.document;
  if (!target?.maps) return;
  const { uid, gid } = target.maps;
  const names = namesOf(run);
  await run.journal.effect(
    'zfs set uidmap gidmap',
    () => runStep(run, { script, names, args: [uid, gid] }),
    () => ({ target: { ...target, maps: null } }),
  );
}

/** `none`, and `-` of a ZFS that knows no such property, are none. */
function isMap(value: string): boolean {
  return /^\d+:\d+:\d+(?:,\d+:\d+:\d+)*$/.test(value);
}

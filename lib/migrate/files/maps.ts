import { runChecked } from '../../host/run.ts';
import type { Run } from '../run.ts';
import maps from './maps.sh';
import { namesOf, rootOf, runStep } from './node-script.ts';
import script from './take-maps-off.sh';

/**
 * Takes the id maps off the container's dataset, and mounts it: rsync would see other ids than those it has written, and
 * chown everything again in each pass. They are written down before. Nothing is to be done where there are none (`map_mode:
 * native`), or they are off already. Returns whether data of a pass are there. Throws VzError: 69, 75.
 */
export async function takeMapsOff(run: Run): Promise<boolean> {
  const { target } = run.journal.document;
  const names = namesOf(run);
  let args = ['none', 'none'];
  if (target && target.maps === null) {
    const argv = ['zfs', 'get', '-H', '-o', 'value', 'uidmap,gidmap', names.dataset];
    const [uid = '', gid = ''] = (await runChecked(rootOf(run), argv)).split('\n');
    if (isMap(uid) && isMap(gid)) await run.journal.save({ target: { ...target, maps: { uid, gid } } });
    else args = [uid, gid];
  }
  const lines = await run.journal.effect('zfs set uidmap=none gidmap=none', () =>
    runStep(run, { script: `${maps}\n${script}`, names, args }),
  );
  return lines.includes('data');
}

/** `none`, and `-` of a ZFS that knows no such property, are none. */
function isMap(value: string): boolean {
  return /^\d+:\d+:\d+(?:,\d+:\d+:\d+)*$/.test(value);
}

import type { Draft } from './draft.ts';
import { deleteByRoot, makeByRoot, unmark } from './make-by-root.ts';
import { streamPass } from './streams.ts';
import type { WayPlan } from './way-plan.ts';

/** Send streams into `zfs recv` of root. */
export const rootPlan: WayPlan = {
  make: makeByRoot,
  pass: (draft, { last }) => {
    streamPass(draft, last, ({ name, verb }) => {
      const { dataset } = draft.names;
      const target = name === '' ? dataset : `${dataset}/${name}`;
      const before = name === '' ? `${forbiddance(draft)}; ` : newDataset(dataset, target);
      return draft.intoTarget(`${verb === 'base' ? before : ''}zfs recv -F -u ${target}`);
    });
  },
  commit: (draft) => {
    const { dataset, mountpoint } = draft.names;
    const place = `${mountpoint}/private`;
    const mounts = draft.datasets.map((name) => `zfs mount ${name}`);
    draft.target(
      [
        `zfs set canmount=noauto ${dataset}`,
        ...mounts,
        `chown 0:0 ${mountpoint} ${place}`,
        `chmod 0770 ${mountpoint}`,
        `chmod 0755 ${place}`,
      ].join(' && '),
    );
  },
  withhold: forbidMounts,
  discard: deleteByRoot,
  finish: finishByRoot,
};

/** Whatever somebody types there: what cannot be mounted cannot be started. */
export function forbidMounts(draft: Draft): void {
  draft.target(forbiddance(draft));
}

/** What is not mounted need not be unmounted. */
function forbiddance(draft: Draft): string {
  const unmounts = draft.datasets.reverse().map((name) => `zfs umount ${name}`);
  return [...unmounts, `zfs set canmount=off ${draft.names.dataset}`].join('; ');
}

/** What the passes have left there, and the marks. */
export function finishByRoot(draft: Draft): void {
  const { ctid, target } = draft.document;
  if (target === null) return;
  const list = `zfs list -H -o name -t snapshot -r ${draft.names.dataset}`;
  draft.target(`${list} | grep '@vz2osctl-${ctid}-sync-' | xargs -r -n 1 zfs destroy`);
  unmark(draft);
}

function newDataset(root: string, name: string): string {
  const maps = ['uidmap', 'gidmap'].map((one) => `-o ${one}="$(zfs get -H -o value ${one} ${root})"`);
  return `zfs create -o canmount=noauto ${maps.join(' ')} ${name} </dev/null && `;
}

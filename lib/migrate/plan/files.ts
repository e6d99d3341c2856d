import { quoteArgv, quoteForShell } from '../../host/quote.ts';
import { labelOf } from '../../host/remote.ts';
import { sshCommand } from '../../host/ssh-arguments.ts';
import { tarCommand } from '../../rootfs/tar.ts';
import { BALLOON } from '../../rootfs/trees/ploop-image.ts';
import { rsyncCommands } from '../files/rsync-command.ts';
import type { Draft } from './draft.ts';
import { expectedPass, notePass } from './expect.ts';
import { deleteByRoot, makeByRoot, unmark } from './make-by-root.ts';
import type { WayPlan } from './way-plan.ts';

/** Files, by tar and then by rsync. */
export const filesPlan: WayPlan = {
  make: makeByRoot,
  pass: (draft, { last }) => {
    const opens = !last && isUnmountedPloop(draft);
    const { ctid } = draft.document;
    if (opens) draft.source('vzctl', 'mount', ctid);
    draft.note(expectedPass(draft.document));
    takeMapsOff(draft);
    const how = draft.document.sync.passes.length === 0 ? 'tar' : 'rsync';
    if (how === 'tar') tarPass(draft, last);
    else rsyncPass(draft, last);
    notePass(draft, how);
    if (opens) draft.source('vzctl', 'umount', ctid);
  },
  commit: (draft) => {
    putMapsOn(draft);
    const { mountpoint } = draft.names;
    const [incoming, place] = [`${mountpoint}/vz2osctl.incoming`, `${mountpoint}/private`];
    draft.target(
      `chown 0:0 ${mountpoint} ${incoming} && chmod 0770 ${mountpoint} && chmod 0755 ${incoming} && mv -T ${incoming} ${place}`,
    );
  },
  withhold: (draft) => {
    const { mountpoint } = draft.names;
    draft.target(`mv -T ${mountpoint}/private ${mountpoint}/vz2osctl.incoming`);
  },
  discard: deleteByRoot,
  finish: unmark,
};

/** ploop's image stays mounted for the last pass. */
export function isPloop({ document }: Draft): boolean {
  return document.container.source.layout === 'ploop';
}

function isUnmountedPloop(draft: Draft): boolean {
  return isPloop(draft) && draft.document.container.source.facts?.status?.mounted === false;
}

/** rsync would see other ids than those it has written. */
function takeMapsOff(draft: Draft): void {
  const { target, container, sync, step } = draft.document;
  // A pass has looked: they are off, or there are none. Behind a return they are on again.
  if (sync.passes.length > 0 && step !== 'returned') return;
  const { dataset } = draft.names;
  draft.note('where it has id maps; rsync would see other ids than those it writes');
  draft.target(`zfs umount ${dataset} && zfs set uidmap=none gidmap=none ${dataset} && zfs mount ${dataset}`);
  const { user } = container;
  if (target === null || user === null) return;
  const maps = { uid: user.uidMap.join(','), gid: user.gidMap.join(',') };
  draft.change({ target: { ...target, maps: target.maps ?? maps } });
}

function putMapsOn(draft: Draft): void {
  const { target } = draft.document;
  const { dataset } = draft.names;
  if (target?.maps) {
    const maps = quoteArgv([`uidmap=${target.maps.uid}`, `gidmap=${target.maps.gid}`]);
    draft.target(`zfs umount ${dataset} && zfs set ${maps} ${dataset} && zfs mount ${dataset}`);
    draft.change({ target: { ...target, maps: null } });
  } else if (target === null) {
    draft.note('the id maps come back as they were: zfs umount, zfs set uidmap=… gidmap=…, zfs mount');
  }
}

function tarPass(draft: Draft, last: boolean): void {
  const { facts } = draft.document.container.source;
  const { path, excludes } = treeOf(draft);
  const abilities = facts?.node.programs.tar ?? { version: '', xattrs: true, sparse: true };
  const tar = quoteArgv([...(last ? [] : GENTLE), ...tarCommand(path, abilities, excludes)]);
  const rate = draft.options.bytesPerSecond;
  const limit = last || rate === undefined ? '' : `pv -qL ${rate} | `;
  const incoming = `${draft.names.mountpoint}/vz2osctl.incoming`;
  const unpack = `mkdir ${incoming} && tar --numeric-owner --xattrs '--xattrs-include=*' -x -C ${incoming}`;
  draft.note('what a tar that was broken off has left, rsync goes on from');
  draft.line(`${draft.atSource(tar)} | ${limit}${draft.intoTarget(unpack)}`);
}

/** Both ends' bytes pass through this machine; by hand the two have to know one another, or it is the source itself. */
function rsyncPass(draft: Draft, last: boolean): void {
  const { container, destination } = draft.document;
  const { path, excludes } = treeOf(draft);
  const both = { version: [3, 2], acls: true } as const;
  const words = rsyncCommands({ client: both, sender: both, path, excludes }).client.slice(0, -1);
  const rate = draft.options.bytesPerSecond;
  const limit = last || rate === undefined ? [] : [`--bwlimit=${Math.ceil(rate / 1024)}`];
  const { host } = container.source;
  if (host === null) {
    const local = [...(last ? [] : GENTLE), ...words, ...limit, '-s', '-e', sshCommand(destination.host)];
    const far = quoteForShell(`${labelOf(destination.host)}:`);
    draft.line(`${quoteArgv([...local, `${path}/`])} ${far}${mountpointHere(draft)}/vz2osctl.incoming/`);
  } else {
    draft.note(
      'the bytes of rsync pass through here; by hand, the new node reaches the old one with your agent',
    );
    const remote = [...words, ...limit, '-s', '-e', sshCommand({ ...host, identity: null })];
    const line = `${quoteArgv([...remote, `${labelOf(host)}:${path}/`])} ${draft.names.mountpoint}/vz2osctl.incoming/`;
    draft.line(draft.intoTarget(line, ['-nA']));
  }
}

/** The target's mountpoint as a word of this machine's shell. */
function mountpointHere(draft: Draft): string {
  const known = draft.document.target?.mountpoint;
  if (known != null) return quoteForShell(known);
  return `"$(${draft.atTarget(`echo ${draft.names.mountpoint}`)})"`;
}

function treeOf({ document }: Draft): { readonly path: string; readonly excludes: readonly string[] } {
  const { ctid, container } = document;
  const { layout, rootPath, privatePath } = container.source;
  // What vz.conf says where nobody has changed it.
  if (layout === 'ploop') return { path: rootPath ?? `/vz/root/${ctid}`, excludes: [BALLOON] };
  return { path: privatePath ?? `/vz/private/${ctid}`, excludes: [] };
}

const GENTLE = ['nice', '-n', '19', 'ionice', '-c', '3'];

import type { Fix } from '../fix.ts';
import fstabPseudo from '../fixes/fstab-pseudo.sh';
import fstabRoot from '../fixes/fstab-root.sh';
import mtab from '../fixes/mtab.sh';
import quotaScripts from '../fixes/quota-scripts.sh';
import startMarks from '../fixes/start-marks.sh';
import udevDevices from '../fixes/udev-devices.sh';

/** What is mounted, and what vzctl left. */
export const MOUNTS: readonly Fix[] = [
  {
    id: 'fstab-pseudo',
    distributions: ['centos', 'fedora', 'other'],
    versions: 'CentOS up to 6',
    looksAt: 'etc/fstab',
    changes: 'the lines of /dev/pts and /dev/shm become comments',
    why: 'the node mounts both; to mount them again fails',
    source: 'vpsAdminOS images of CentOS 6',
    script: fstabPseudo,
  },
  {
    id: 'fstab-root',
    distributions: null,
    versions: 'any',
    looksAt: 'etc/fstab',
    changes: 'a root filesystem of simfs, vzfs or /dev/ploopN becomes a comment',
    why: 'there is no such device',
    source: "templates of OpenVZ; vzctl's ploop mounts",
    script: fstabRoot,
  },
  {
    id: 'mtab',
    distributions: null,
    versions: 'any',
    looksAt: 'etc/mtab, where it is a file',
    changes: 'a file becomes a link to /proc/mounts',
    why: 'a file shows the mounts of the OpenVZ node, to df as well',
    source: "vpsAdminOS images; vzctl's set_ugid_quota.sh writes the file",
    script: mtab,
  },
  {
    id: 'quota-scripts',
    distributions: null,
    versions: 'any',
    looksAt:
      'vzquota in the places of init scripts and their links, rc.quota, DAEMONS of etc/rc.conf, aquota.user, aquota.group',
    changes:
      'scripts and links called vzquota, rc.quota and aquota files are moved away; DAEMONS is without vzquota',
    why: 'they make device nodes and a false mtab; there is no quota of users inside of a container',
    source: "vzctl's *set_ugid_quota.sh",
    script: quotaScripts,
  },
  {
    id: 'udev-devices',
    distributions: null,
    versions: 'any',
    looksAt: 'lib/udev/devices, etc/udev/devices',
    changes: 'the device nodes in there are moved away',
    why: 'scripts of udev copy these device nodes to /dev, which a user namespace may not do',
    source: "udev's static nodes; vzctl's device nodes",
    script: udevDevices,
  },
  {
    id: 'start-marks',
    distributions: null,
    versions: 'any',
    looksAt: '.vzfifo, vz_init_done, S00vzreboot, the vz line of etc/inittab, empty reboot and fastboot',
    changes: 'files, jobs and the line by which vzctl waited are moved away',
    why: 'by them vzctl knew that the container had started, or wanted to start again',
    source: "vzctl's src/lib/env.c and script.c",
    script: startMarks,
  },
];

import type { Fix } from '../fix.ts';
import inittabConsole from '../fixes/inittab-console.sh';
import inittabPowerfail from '../fixes/inittab-powerfail.sh';
import nixosInit from '../fixes/nixos-init.sh';
import rcSys from '../fixes/rc-sys.sh';
import startUdev from '../fixes/start-udev.sh';
import upstartConsole from '../fixes/upstart-console.sh';
import upstartFstab from '../fixes/upstart-fstab.sh';
import upstartPowerfail from '../fixes/upstart-powerfail.sh';

/** How it is started, stopped and logged in to. */
export const BOOT: readonly Fix[] = [
  {
    id: 'inittab-powerfail',
    distributions: null,
    versions: 'those with sysvinit',
    looksAt: 'etc/inittab with a sysinit line, not that of BusyBox',
    changes: 'other lines for a power failure become comments; pf::powerwait:/sbin/halt is added',
    why: 'the node stops a container by SIGPWR; init that does not know it is killed after 5 minutes',
    source: "init(8) and inittab(5) of sysvinit; osctld's stop; changes made in vpsFree's migration",
    script: inittabPowerfail,
  },
  {
    id: 'inittab-console',
    distributions: null,
    versions: 'those with sysvinit or BusyBox',
    looksAt: 'etc/inittab with a sysinit line',
    changes: 'one getty, on console; the others become comments',
    why: 'there are no other terminals: init starts such a getty again and again',
    source: "vpsAdminOS images; vzctl's set_console.sh writes one for tty2",
    script: inittabConsole,
  },
  {
    id: 'upstart-powerfail',
    distributions: ['centos', 'fedora', 'ubuntu', 'other'],
    versions: 'those with Upstart',
    looksAt: 'etc/init or etc/event.d; whether a job starts on power-status-changed',
    changes: 'a job that shuts down on power-status-changed',
    why: 'as inittab-powerfail',
    source: 'power-status-changed(7) of Upstart; vpsAdminOS images of CentOS 6',
    script: upstartPowerfail,
  },
  {
    id: 'upstart-console',
    distributions: ['centos', 'fedora', 'ubuntu', 'other'],
    versions: 'those with Upstart',
    looksAt: 'etc/init or etc/event.d',
    changes: 'a job console with a getty there; jobs ttyN with a getty are moved away',
    why: 'as inittab-console; vzctl writes jobs console and tty2',
    source: "vzctl's set_console.sh; vpsAdminOS images of CentOS 6",
    script: upstartConsole,
  },
  {
    id: 'upstart-fstab',
    distributions: ['ubuntu', 'other'],
    versions: 'up to 14.04',
    looksAt: 'lib/init/fstab',
    changes: 'the lines of binfmt_misc and debugfs become comments',
    why: 'mountall waits for them, and a user namespace may not mount them',
    source: "changes made in vpsFree's migration",
    script: upstartFstab,
  },
  {
    id: 'start-udev',
    distributions: ['centos', 'fedora', 'other'],
    versions: 'CentOS up to 6',
    looksAt: 'etc/rc.d/rc.sysinit and etc/rc.sysinit',
    changes: 'start_udev is not run any more',
    why: 'udev of a user namespace gets no events and may make no device nodes: the boot hangs',
    source: "vpsAdminOS images of CentOS 6; lxc's template of CentOS",
    script: startUdev,
  },
  {
    id: 'nixos-init',
    distributions: ['nixos', 'other'],
    versions: 'any',
    looksAt: 'nix/var/nix/profiles/system and sbin/init',
    changes: 'sbin/init, where it is missing, leads to init of the system profile',
    why: 'the node starts /sbin/init',
    source: "changes made in vpsFree's migration",
    script: nixosInit,
  },
  {
    id: 'rc-sys',
    distributions: ['gentoo', 'alpine', 'other'],
    versions: 'those with OpenRC',
    looksAt: 'rc_sys in etc/rc.conf',
    changes: 'rc_sys="lxc", where it is set',
    why: 'with openvz OpenRC waits for what is not there',
    source: "rc.conf of OpenRC; changes made in vpsFree's migration",
    script: rcSys,
  },
];

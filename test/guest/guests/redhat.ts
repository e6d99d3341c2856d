import { DIRECTORY, linkTo } from '../guest-tree.ts';
import type { Guest } from './guest.ts';
import { QUOTA } from './guest.ts';

const IFCFG = `DEVICE=venet0
BOOTPROTO=static
ONBOOT=yes
IPADDR=127.0.0.1
NETMASK=255.255.255.255
BROADCAST=0.0.0.0
`;

/** CentOS. */
export const REDHAT: readonly Guest[] = [
  {
    name: 'CentOS 5 with sysvinit',
    distribution: 'centos',
    before: {
      'sbin/mingetty': '',
      'etc/inittab': `id:3:initdefault:
si::sysinit:/etc/rc.d/rc.sysinit
pf::powerfail:/sbin/shutdown -f -h +2 "Power Failure; System Shutting Down"
pr:12345:powerokwait:/sbin/shutdown -c "Power Restored; Shutdown Cancelled"
#1:2345:respawn:/sbin/mingetty tty1
1:2345:respawn:/sbin/mingetty console
2:2345:respawn:/sbin/mingetty tty2
`,
      'etc/rc.sysinit': linkTo('rc.d/rc.sysinit'),
      'etc/init.d': linkTo('rc.d/init.d'),
      'etc/rc3.d': linkTo('rc.d/rc3.d'),
      'etc/rc.d/rc.sysinit': `#!/bin/bash
# Start udev: /sbin/start_udev
if [ -x /sbin/start_udev ]; then
	/sbin/start_udev
fi
[ -n "$x" ] && /sbin/start_udev
`,
      'etc/rc.d/init.d/vzquota': QUOTA,
      'etc/rc.d/rc3.d/S10vzquota': linkTo('/etc/init.d/vzquota'),
      'etc/fstab': `none /dev/pts devpts rw 0 0
none	/dev/shm	tmpfs	defaults	0 0
simfs / simfs defaults 0 0
`,
      'etc/sysconfig/network': `NETWORKING="yes"
GATEWAYDEV="venet0"
NETWORKING_IPV6="yes"
IPV6_DEFAULTDEV="venet0"
GATEWAY="192.0.2.1"
HOSTNAME="a.example.com"
`,
      'etc/sysconfig/network-scripts/ifcfg-venet0': IFCFG,
      'etc/sysconfig/network-scripts/ifcfg-venet0:0': 'DEVICE=venet0:0\nONBOOT=yes\nIPADDR=198.51.100.7\n',
      'etc/sysconfig/network-scripts/route-venet0': '192.0.2.0/24 dev venet0 scope host\n',
      'etc/sysconfig/network-scripts/ifcfg-lo': 'DEVICE=lo\n',
    },
    applied: [
      'inittab-powerfail',
      'inittab-console',
      'start-udev',
      'fstab-pseudo',
      'fstab-root',
      'quota-scripts',
      'venet-redhat',
    ],
    after: {
      'etc/inittab': `id:3:initdefault:
si::sysinit:/etc/rc.d/rc.sysinit
#pf::powerfail:/sbin/shutdown -f -h +2 "Power Failure; System Shutting Down"
pr:12345:powerokwait:/sbin/shutdown -c "Power Restored; Shutdown Cancelled"
#1:2345:respawn:/sbin/mingetty tty1
1:2345:respawn:/sbin/mingetty console
#2:2345:respawn:/sbin/mingetty tty2
pf::powerwait:/sbin/halt
`,
      'etc/rc.d/rc.sysinit': `#!/bin/bash
# Start udev: /sbin/start_udev
if [ -x /sbin/start_udev ]; then
	: /sbin/start_udev
fi
[ -n "$x" ] && : /sbin/start_udev
`,
      'etc/fstab': `#none /dev/pts devpts rw 0 0
#none	/dev/shm	tmpfs	defaults	0 0
#simfs / simfs defaults 0 0
`,
      'etc/sysconfig/network': 'NETWORKING="yes"\nNETWORKING_IPV6="yes"\nHOSTNAME="a.example.com"\n',
      'etc/sysconfig/network-scripts/ifcfg-venet0': null,
      'etc/sysconfig/network-scripts/ifcfg-venet0:0': null,
      'etc/sysconfig/network-scripts/route-venet0': null,
      'etc/sysconfig/network-scripts/ifcfg-lo': 'DEVICE=lo\n',
      'etc/rc.d/init.d/vzquota': null,
      'etc/rc.d/rc3.d/S10vzquota': null,
    },
  },
  {
    name: 'CentOS 6 with Upstart',
    distribution: 'centos',
    before: {
      'sbin/init': '',
      'sbin/agetty': '',
      'sbin/mingetty': '',
      'etc/inittab': 'id:3:initdefault:\n',
      'etc/init/rc.conf': 'start on runlevel [0123456]\n',
      'etc/init/tty.conf': 'stop on runlevel [S016]\nrespawn\nexec /sbin/mingetty $TTY\n',
      'etc/init/tty2.conf': 'respawn\nexec /sbin/mingetty tty2\n',
      'etc/init/console.conf': 'respawn\n#exec /sbin/mingetty console\nexec /sbin/mingetty tty0\n',
      'etc/init/vz_init_done.conf': 'start on stopped rc RUNLEVEL=[2345]\ntask\nexec touch /.vzfifo\n',
      'etc/rc.d/rc.sysinit': '/sbin/start_udev\n',
    },
    applied: ['upstart-powerfail', 'upstart-console', 'start-udev', 'start-marks'],
    after: {
      'etc/inittab': 'id:3:initdefault:\n',
      'etc/init/power-status-changed.conf': `# How the node stops a container: SIGPWR.
start on power-status-changed
exec /sbin/shutdown -h now SIGPWR
`,
      'etc/init/console.conf': `# The console is the only terminal of a container.
start on stopped rc RUNLEVEL=[2345]
stop on runlevel [!2345]
respawn
exec /sbin/agetty 38400 console
`,
      'etc/init/tty.conf': 'stop on runlevel [S016]\nrespawn\nexec /sbin/mingetty $TTY\n',
      'etc/init/tty2.conf': null,
      'etc/init/vz_init_done.conf': null,
    },
  },
  {
    name: 'CentOS 7 with systemd, its directories merged into /usr',
    distribution: 'centos',
    before: {
      sbin: linkTo('usr/sbin'),
      lib: linkTo('usr/lib'),
      'usr/sbin/init': linkTo('../lib/systemd/systemd'),
      'usr/lib/systemd/systemd': '',
      'usr/lib/udev/devices/null': '',
      'etc/inittab': '# inittab is no longer used when using systemd.\n',
      'etc/sysconfig/network-scripts/ifcfg-venet0': IFCFG,
      'etc/systemd/system/systemd-udev-trigger.service': linkTo('/etc/systemd/system/other.service'),
      'var/log/journal': DIRECTORY,
    },
    applied: ['venet-redhat'],
    already: ['udev-trigger', 'journal-directory'],
    after: {
      'etc/systemd/system/systemd-udev-trigger.service': linkTo('/etc/systemd/system/other.service'),
      lib: linkTo('usr/lib'),
    },
  },
];

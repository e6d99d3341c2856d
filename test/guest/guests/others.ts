import { linkTo } from '../guest-tree.ts';
import type { Guest } from './guest.ts';
import { QUOTA } from './guest.ts';

/** All the others. */
export const OTHERS: readonly Guest[] = [
  {
    name: 'Alpine with the init of BusyBox',
    distribution: 'alpine',
    before: {
      'etc/inittab': `::sysinit:/sbin/openrc sysinit
::wait:/sbin/openrc default
tty0::respawn:/sbin/getty 38400 tty0
tty1::respawn:/sbin/getty 38400 tty1
::shutdown:/sbin/openrc shutdown
`,
      'etc/network/interfaces':
        'auto lo\niface lo inet loopback\nauto venet0\niface venet0 inet static\n address 127.0.0.1\n',
      'etc/rc.conf': '#rc_sys="prefix"\nrc_sys="openvz"\n',
    },
    applied: ['inittab-console', 'rc-sys', 'venet-ifupdown'],
    after: {
      'etc/inittab': `::sysinit:/sbin/openrc sysinit
::wait:/sbin/openrc default
console::respawn:/sbin/getty 38400 console
#tty1::respawn:/sbin/getty 38400 tty1
::shutdown:/sbin/openrc shutdown
`,
      'etc/network/interfaces': 'auto lo\niface lo inet loopback\n',
      'etc/rc.conf': '#rc_sys="prefix"\nrc_sys="lxc"\n',
    },
  },
  {
    name: 'Gentoo with OpenRC',
    distribution: 'gentoo',
    before: {
      'sbin/agetty': '',
      'etc/inittab': 'si::sysinit:/sbin/rc sysinit\n#c1:12345:respawn:/sbin/agetty 38400 tty1 linux\n',
      'etc/rc.conf': 'rc_sys="openvz"\n',
      'etc/conf.d/net': `config_venet0=( "198.51.100.7/32" )
routes_venet0="192.0.2.0/24 dev venet0 scope link
default via 192.0.2.1 dev venet0"
config_eth0="dhcp"
routes_venet0=(
  "default via 192.0.2.1"
)
dns_servers_eth0="192.0.2.53"
`,
      'etc/init.d/net.venet0': linkTo('/etc/init.d/net.lo'),
      'etc/init.d/net.lo': '#!/sbin/runscript\n',
      'etc/runlevels/default/net.venet0': linkTo('/etc/init.d/net.venet0'),
      'etc/runlevels/default/vzquota': linkTo('/etc/init.d/vzquota'),
      'etc/init.d/vzquota': '#!/sbin/runscript\n',
    },
    applied: ['inittab-powerfail', 'inittab-console', 'rc-sys', 'quota-scripts', 'venet-gentoo'],
    after: {
      'etc/inittab': `si::sysinit:/sbin/rc sysinit
#c1:12345:respawn:/sbin/agetty 38400 tty1 linux
pf::powerwait:/sbin/halt
co:2345:respawn:/sbin/agetty 38400 console
`,
      'etc/rc.conf': 'rc_sys="lxc"\n',
      'etc/conf.d/net': 'config_eth0="dhcp"\ndns_servers_eth0="192.0.2.53"\n',
      'etc/init.d/net.venet0': null,
      'etc/init.d/net.lo': '#!/sbin/runscript\n',
      'etc/runlevels/default/net.venet0': null,
      'etc/runlevels/default/vzquota': null,
    },
  },
  {
    name: 'Arch with netctl, and rc.conf of old',
    distribution: 'arch',
    before: {
      'etc/netctl/venet0': 'Interface=venet0\n',
      'etc/netctl/eth0': 'Interface=eth0\n',
      'etc/network.d/venet0_0': "INTERFACE='venet0:0'\n",
      'etc/systemd/system/multi-user.target.wants/netctl@venet0.service': linkTo(
        '/etc/systemd/system/netctl@venet0.service',
      ),
      'etc/systemd/system/netctl@venet0.service': '[Unit]\n',
      'etc/conf.d/netcfg': 'NETWORKS=( "venet0" "venet0_0" "eth0" )\n',
      'etc/rc.conf': `lo="lo 127.0.0.1"
venet0="venet0 127.0.0.1 netmask 255.255.255.255 broadcast 0.0.0.0"
venet0_0="venet0:0 198.51.100.7 netmask 255.255.255.255 broadcast 0.0.0.0"
INTERFACES=(lo venet0 venet0_0)
rt_default="default dev venet0"
ROUTES=( "rt_default" )
DAEMONS=(syslog-ng network vzquota sshd)
`,
    },
    applied: ['quota-scripts', 'venet-arch'],
    after: {
      'etc/netctl/venet0': null,
      'etc/netctl/eth0': 'Interface=eth0\n',
      'etc/network.d/venet0_0': null,
      'etc/systemd/system/netctl@venet0.service': null,
      'etc/conf.d/netcfg': 'NETWORKS=( "eth0")\n',
      'etc/rc.conf': `lo="lo 127.0.0.1"
INTERFACES=(lo)
ROUTES=()
DAEMONS=(syslog-ng network sshd)
`,
    },
  },
  {
    name: 'openSUSE',
    distribution: 'opensuse',
    before: {
      'etc/sysconfig/network/ifcfg-venet0': 'STARTMODE=onboot\n',
      'etc/sysconfig/network/ifroute-venet0': 'default 192.0.2.1 0.0.0.0 venet0\n',
      'etc/sysconfig/network/routes': 'default - - venet0\ndefault 192.0.2.9 - eth0\n',
      'etc/sysconfig/network/ifcfg-lo': 'IPADDR=127.0.0.1\n',
    },
    applied: ['venet-suse'],
    after: {
      'etc/sysconfig/network/ifcfg-venet0': null,
      'etc/sysconfig/network/ifroute-venet0': null,
      'etc/sysconfig/network/routes': 'default 192.0.2.9 - eth0\n',
    },
  },
  {
    name: 'Slackware',
    distribution: 'slackware',
    before: {
      'etc/rc.d/rc.inet1': `for i in venet0 venet1; do :; done
	/sbin/route add -net 192.0.2.0/24 dev venet0; /sbin/route add default gw \${GATEWAY} dev venet0
`,
      'etc/rc.d/rc.quota': QUOTA,
      'etc/rc.d/rc.local': 'echo hello\n/etc/rc.d/rc.quota start\n',
    },
    applied: ['quota-scripts', 'venet-slackware'],
    after: {
      'etc/rc.d/rc.inet1': `for i in eth0 eth1; do :; done
	/sbin/route add default gw \${GATEWAY} metric 1
`,
      'etc/rc.d/rc.quota': null,
      'etc/rc.d/rc.local': 'echo hello\n',
    },
  },
  {
    name: 'Void with runit',
    distribution: 'void',
    before: { 'etc/runit/core-services/90-venet.sh': '/sbin/ip link set up dev venet0\n' },
    applied: ['venet-void'],
    after: { 'etc/runit/core-services/90-venet.sh': null },
  },
  {
    name: 'NixOS without /sbin/init',
    distribution: 'nixos',
    before: { 'nix/var/nix/profiles/system': linkTo('system-12-link') },
    applied: ['nixos-init'],
    after: { 'sbin/init': linkTo('/nix/var/nix/profiles/system/init') },
  },
  {
    name: 'ALT Linux with etcnet, which osctld does not know',
    distribution: 'other',
    before: { 'etc/net/ifaces/venet0/ipv4address': '198.51.100.7/32\n', 'etc/net/ifaces/lo/options': '' },
    applied: ['venet-etcnet'],
    after: { 'etc/net/ifaces/venet0': null, 'etc/net/ifaces/lo/options': '' },
  },
  {
    name: 'a guest with nothing of OpenVZ in it',
    distribution: 'other',
    before: {
      'etc/hostname': 'a\n',
      'etc/inittab': '# nothing\n',
      'etc/fstab': 'proc /proc proc defaults 0 0\n',
    },
    applied: [],
    after: { '.vz2osctl': null },
  },
];

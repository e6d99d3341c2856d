import type { Fix } from '../fix.ts';
import networkTools from '../fixes/network-tools.sh';
import venetArch from '../fixes/venet-arch.sh';
import venetEtcnet from '../fixes/venet-etcnet.sh';
import venetGentoo from '../fixes/venet-gentoo.sh';
import venetIfupdown from '../fixes/venet-ifupdown.sh';
import venetRedhat from '../fixes/venet-redhat.sh';
import venetSlackware from '../fixes/venet-slackware.sh';
import venetSuse from '../fixes/venet-suse.sh';
import venetVoid from '../fixes/venet-void.sh';

/** Interfaces of OpenVZ. */
export const NETWORK: readonly Fix[] = [
  {
    id: 'venet-ifupdown',
    distributions: ['debian', 'devuan', 'ubuntu', 'alpine', 'other'],
    versions: 'any',
    looksAt: 'etc/network/interfaces, its .head and .tail',
    changes: 'stanzas of venet0 and its aliases are left out',
    why: 'the interface is eth0 here; ifup -a fails at one that is missing',
    source: "vzctl's debian-add_ip.sh",
    script: venetIfupdown,
  },
  {
    id: 'venet-redhat',
    distributions: ['centos', 'fedora', 'almalinux', 'rocky', 'other'],
    versions: 'any',
    looksAt: 'etc/sysconfig/network-scripts, etc/sysconfig/network',
    changes:
      'ifcfg-venet0*, route-venet0* and route6-venet0* are moved away; GATEWAYDEV, IPV6_DEFAULTDEV and GATEWAY of venet0 are left out',
    why: 'as venet-ifupdown',
    source: "vzctl's redhat-add_ip.sh",
    script: venetRedhat,
  },
  {
    id: 'venet-suse',
    distributions: ['opensuse', 'other'],
    versions: 'any',
    looksAt: 'etc/sysconfig/network',
    changes: 'ifcfg-venet0* and ifroute-venet0* are moved away; routes over venet0 are left out',
    why: 'as venet-ifupdown',
    source: "vzctl's suse-add_ip.sh",
    script: venetSuse,
  },
  {
    id: 'venet-gentoo',
    distributions: ['gentoo', 'other'],
    versions: 'also Funtoo',
    looksAt: 'etc/conf.d/net, net.venet0 and netif.venet0 in etc/init.d and etc/runlevels',
    changes: 'settings of venet0 are left out, its services moved away',
    why: 'as venet-ifupdown',
    source: "vzctl's gentoo-add_ip.sh and funtoo-add_ip.sh",
    script: venetGentoo,
  },
  {
    id: 'venet-arch',
    distributions: ['arch', 'other'],
    versions: 'any',
    looksAt: 'etc/netctl, etc/network.d, etc/conf.d/netcfg, etc/rc.conf, units netctl@venet0',
    changes: 'profiles and units of venet0 are moved away, settings left out',
    why: 'as venet-ifupdown',
    source: "vzctl's arch-add_ip.sh",
    script: venetArch,
  },
  {
    id: 'venet-slackware',
    distributions: ['slackware', 'other'],
    versions: 'any',
    looksAt: 'etc/rc.d/rc.inet1 with venet',
    changes: 'every venet is eth again, and the default route as it was',
    why: 'vzctl made a venet of every eth',
    source: "vzctl's slackware-add_ip.sh",
    script: venetSlackware,
  },
  {
    id: 'venet-void',
    distributions: ['void', 'other'],
    versions: 'any',
    looksAt: 'etc/runit/core-services/90-venet.sh',
    changes: '90-venet.sh is moved away',
    why: 'as venet-ifupdown',
    source: 'vzctl of vpsFree, void-add_ip.sh',
    script: venetVoid,
  },
  {
    id: 'venet-etcnet',
    distributions: ['other'],
    versions: 'ALT Linux',
    looksAt: 'etc/net/ifaces/venet0',
    changes: 'the directory of venet0 is moved away',
    why: 'as venet-ifupdown',
    source: "vzctl's etcnet-add_ip.sh",
    script: venetEtcnet,
  },
  {
    id: 'network-tools',
    distributions: ['debian', 'devuan', 'ubuntu'],
    versions: 'any with etc/network',
    looksAt: 'ifup and ip',
    changes: 'nothing: it fails when one is missing',
    why: 'osctld writes etc/network/interfaces, which needs both; without them there is no network',
    source: "osctld's configurator; changes made in vpsFree's migration",
    script: networkTools,
  },
];

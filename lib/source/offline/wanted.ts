import { LARGEST_SCRIPT_BYTES } from '../action-scripts.ts';
import type { TarEntry } from './tar-header.ts';

export interface Wanted {
  /** As many from its beginning. */
  readonly bytes: number;
}

/** Whether an entry tells what the guest is: what container-facts.sh looks at, and the links on the way. null: no. */
export function wantedOf({ name, type }: TarEntry): Wanted | null {
  if (name.startsWith('etc/vzdump/')) return type === '0' ? { bytes: LARGEST_SCRIPT_BYTES + 1 } : null;
  if (type === '2') return LINKS.test(name) || TEXTS.test(name) || LIBRARY.test(name) ? { bytes: 0 } : null;
  if (type !== '0') return NESTED.test(name) ? { bytes: 0 } : null;
  if (TEXTS.test(name)) return { bytes: TEXT_BYTES };
  if (PROGRAMS.test(name)) return { bytes: 4096 };
  if (LIBRARY.test(name) || SYSTEMD.test(name)) return { bytes: PROGRAM_BYTES };
  return PRESENT.test(name) || NESTED.test(name) ? { bytes: 0 } : null;
}

/** A directory that is a link on the way to something, or a program that is one. */
const LINKS = /^(?:usr\/)?(?:bin|sbin|lib|lib64)$|^s?bin\/(?:init|sh)$/;
const TEXTS =
  /^(?:etc|usr\/lib)\/os-release$|^etc\/(?:(?:redhat|SuSE|alpine|gentoo|arch|lsb)-release|(?:debian|devuan)_version|slackware-version|inittab|exports|init\/rcS?\.conf|sysconfig\/ip6?tables|iptables(?:\.up)?\.rules|iptables\/rules\.v[46]|(?:rc\.d\/)?rc\.local|firewall(?:\.user)?|csf\/csf\.conf|(?:apf|apf-firewall)\/conf\.apf|shorewall\/interfaces|ferm\/ferm\.conf|ufw\/(?:before|user)\.rules|nftables\.conf|iptables\.d\/[^/]+|network\/if-(?:pre-)?up\.d\/[^/]+)$/;
const PROGRAMS = /^(?:usr\/)?s?bin\/(?:init|sh|bash|dash|busybox|upstart|runit-init|openrc-init)$/;
const SYSTEMD = /^(?:(?:usr\/)?lib\/systemd|bin)\/systemd$/;
const LIBRARY =
  /^(?:usr\/)?lib(?:64)?(?:\/[a-z0-9_]+-linux-gnu)?(?:\/i686\/cmov)?\/libc(?:-[\d.]+)?\.so(?:\.6)?$/;
/** Whose names alone say it. */
const PRESENT =
  /^a?quota\.(?:user|group)$|^(?:usr\/)?lib(?:64)?(?:\/[a-z0-9_]+-linux-gnu)?\/systemd\/libsystemd-shared-[^/]+\.so$/;
const NESTED = /^var\/lib\/(?:docker|containers\/storage|lxc|lxd\/containers)\/[^/]+$/;

const TEXT_BYTES = 256 * 1024;
const PROGRAM_BYTES = 4 * 1024 * 1024;

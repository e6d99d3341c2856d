import type { Fix } from '../fix.ts';
import dbusOom from '../fixes/dbus-oom.sh';
import journalDirectory from '../fixes/journal-directory.sh';
import systemdGetty from '../fixes/systemd-getty.sh';
import systemdOverrides from '../fixes/systemd-overrides.sh';
import udevTrigger from '../fixes/udev-trigger.sh';

/** Units of systemd. */
export const SYSTEMD: readonly Fix[] = [
  {
    id: 'udev-trigger',
    distributions: null,
    versions: 'those with systemd',
    looksAt: 'etc/systemd/system/systemd-udev-trigger.service',
    changes: 'systemd-udev-trigger.service is masked, unless there is one',
    why: 'it repeats the events of all devices of the node, and the boot waits for them',
    source: 'vpsAdminOS images',
    script: udevTrigger,
  },
  {
    id: 'systemd-overrides',
    distributions: null,
    versions: 'those with systemd',
    looksAt: 'drop-ins and units of systemd-journald and systemd-logind in etc/systemd/system',
    changes: 'drop-ins and units of journald and logind in etc/systemd/system are moved away',
    why: 'templates for OpenVZ have them; without them both run',
    source: "changes made in vpsFree's migration",
    script: systemdOverrides,
  },
  {
    id: 'systemd-getty',
    distributions: null,
    versions: 'those with systemd',
    looksAt: 'getty@tty2.service in etc/systemd/system/getty.target.wants',
    changes: 'the getty on tty2 is not wanted any more',
    why: 'there is no tty2; vzctl makes the link',
    source: "vzctl's set_console.sh",
    script: systemdGetty,
  },
  {
    id: 'journal-directory',
    distributions: null,
    versions: 'those with systemd',
    looksAt: 'var/log/journal',
    changes: 'var/log/journal is made',
    why: 'without it the journal is in /run, and lost with every stop',
    source: 'systemd-journald.service(8)',
    script: journalDirectory,
  },
  {
    id: 'dbus-oom',
    distributions: ['debian', 'other'],
    versions: 'Debian 8',
    looksAt: 'etc/debian_version, lib/systemd/system/dbus.service',
    changes: 'a drop-in with OOMScoreAdjust=0',
    why: 'a user namespace may not lower the value, and dbus is not started',
    source: 'vpsAdminOS images of Debian 8',
    script: dbusOom,
  },
];

#!/bin/sh
# Facts about an OpenVZ node, as NUL-separated pairs of name and value. POSIX sh and what coreutils 8.4 or busybox
# have; prints a bounded amount, changes nothing, and never fails: what is not known is not printed.
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() { printf '%s\0%s\0' "$1" "$2"; }
has() { command -v "$1" >/dev/null 2>&1; }
first_line() { "$@" 2>/dev/null </dev/null | head -n 1 | head -c 200; }

say uid "$(id -u)"
say kernel "$(uname -r)"
say page-size "$(getconf PAGESIZE 2>/dev/null || getconf PAGE_SIZE 2>/dev/null)"
# vzctl counts CPUs in the same way.
say cpus "$(grep -c '^processor' /proc/cpuinfo 2>/dev/null)"
say memory-kib "$(sed -n 's/^MemTotal: *\([0-9]*\) kB.*/\1/p' /proc/meminfo 2>/dev/null | head -n 1)"
say resolv.conf "$(head -c 16384 /etc/resolv.conf 2>/dev/null)"
for directory in /vz /var/lib/vz; do
  if [ -d "$directory/lock" ]; then
    say vz-directory "$directory"
    break
  fi
done

if has vzctl; then
  say vzctl "$(first_line vzctl --version)"
  # Listed by those that know ploop and are 4.4 or newer.
  case $(vzctl --help 2>&1 </dev/null | head -c 65536) in *snapshot-mount*) say snapshot-mount yes ;; esac
fi
if has pveversion; then say proxmox "$(first_line pveversion)"; fi
for path in "${directory:-/vz}" "${directory:-/vz}/private" "${directory:-/vz}/dump" /tmp; do
  if [ -d "$path" ]; then
    # POSIX: the fourth column is what is available, in KiB.
    kib=$(df -Pk "$path" 2>/dev/null | awk 'NR == 2 { print $4 }')
    say free "$path=$kib"
  fi
done
if has vzlist; then say vzlist yes; fi
if has tar; then
  say tar "$(first_line tar --version)"
  help=$(tar --help 2>&1 </dev/null | head -c 65536)
  case $help in *--xattrs*) say tar-xattrs yes ;; esac
  case $help in *--sparse*) say tar-sparse yes ;; esac
fi
for program in igzip pigz gzip; do
  if has "$program"; then say compressor "$program"; fi
done
if has rsync; then say rsync "$(first_line rsync --version)"; fi
if has getcap; then say getcap yes; fi
if has zfs; then
  say zfs yes
  # Without a snapshot it says how it is used, and that it lacks one.
  say zfs-send "$(zfs send 2>&1 </dev/null | head -c 16384)"
  say datasets "$(zfs list -H -o name,mountpoint -t filesystem 2>/dev/null </dev/null | head -c 4194304)"
fi
say mounts "$(head -c 4194304 /proc/mounts 2>/dev/null)"

#!/bin/sh
# Facts about one container, as NUL-separated pairs of name and value. POSIX sh and what coreutils 8.4 or busybox have;
# prints a bounded amount, changes nothing, walks nothing (of a few directories it lists the first names), and never
# fails: what is not known is not printed.
#
#   sh -c SCRIPT sh CTID CONF_DIR PRIVATE ROOT NAME_LINK SCRIPTS [DEVNODE]...
#
# CTID is empty where no vzctl is to be asked; PRIVATE, ROOT and NAME_LINK may be empty; SCRIPTS are names of action scripts, separated by spaces.
#
# The tree below PRIVATE belongs to somebody else, who may be changing it now. Links are followed as a chroot would,
# one name at a time, and what is read is read in a directory that was proved to lie in the tree, by a program that
# refuses a link there: nothing of the host gets into the answer.
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

ctid=$1 conf_dir=$2 private=$3 root=$4 name_link=$5 scripts=$6
shift 6

say() { printf '%s\0%s\0' "$1" "$2"; }

# The physical path of a directory; the x keeps newlines at its end.
physical() {
  physical=$(cd -P -- "$1" 2>/dev/null && pwd -P && echo x) || return 1
  physical=${physical%??}
}

# Sets $inside to $2 resolved in the tree $1: absolute links begin at the tree, .. ends there. Links to links with
# thousands of parts would take minutes, so both parts and length are limited.
resolve() {
  rest=$2 inside='' hops=0 parts=0
  while [ -n "$rest" ]; do
    parts=$((parts + 1))
    [ "$parts" -le 256 ] && [ "${#rest}" -le 8192 ] || return 1
    part=${rest%%/*}
    case $rest in
      */*) rest=${rest#*/} ;;
      *) rest='' ;;
    esac
    case $part in
      '' | .) ;;
      ..) inside=${inside%/*} ;;
      *)
        if [ -h "$1$inside/$part" ]; then
          hops=$((hops + 1))
          [ "$hops" -le 40 ] || return 1
          target=$(readlink "$1$inside/$part" 2>/dev/null && echo x) || return 1
          target=${target%??}
          case $target in /*) inside='' ;; esac
          rest=$target/$rest
        else
          inside=$inside/$part
        fi
        ;;
    esac
  done
}

if dd if=/dev/null of=/dev/null iflag=nofollow,nonblock count=1 2>/dev/null; then
  first_blocks() { dd if="$1" iflag=nofollow,nonblock bs=4096 count="$2" 2>/dev/null; }
else
  first_blocks() { head -c "$((4096 * $2))" "$1" 2>/dev/null; }
fi

# Prints the first $3 blocks of 4096 bytes (none given: one) of the regular file $2 of the tree $1. Runs in a subshell:
# it changes the directory.
read_inside() (
  resolve "$1" "$2" || exit 1
  cd -P -- "$1${inside%/*}" 2>/dev/null || exit 1
  # A directory that was replaced by a link meanwhile shows here.
  [ "$(pwd -P)" = "$1${inside%/*}" ] || exit 1
  file=./${inside##*/}
  [ -f "$file" ] && [ ! -h "$file" ] || exit 1
  first_blocks "$file" "${3:-1}"
)

# Prints the first $3 names in the directory $2 of the tree $1, each as ./NAME; what follows are tests of find.
names_inside() (
  tree=$1 count=$3
  resolve "$tree" "$2" || exit 1
  shift 3
  cd -P -- "$tree$inside" 2>/dev/null || exit 1
  [ "$(pwd -P)" = "$tree$inside" ] || exit 1
  find . ! -name . -prune "$@" -print 2>/dev/null | head -n "$count"
)

is_file() { resolve "$1" "$2" && [ -f "$1$inside" ]; }

# Whether a line of the file $2 of the tree $1 that is no comment matches $3, in its first 256 KiB.
has_line() {
  # This one only saves work; read_inside looks again.
  is_file "$1" "$2" || return 1
  line=$(read_inside "$1" "$2" 64 2>/dev/null | tr -d '\000' |
    sed -n -e '/^[[:space:]]*#/d' -e "/$3/{" -e 's/.*/found/p' -e q -e '}' 2>/dev/null)
  [ -n "$line" ]
}

say_file() {
  content=$(read_inside "$1" "$2" 2>/dev/null | tr -d '\000'; echo x)
  content=${content%x}
  [ -z "$content" ] || say "guest:$2" "$content"
}

say_guest() {
  for file in etc/os-release usr/lib/os-release etc/redhat-release etc/debian_version etc/SuSE-release \
    etc/alpine-release etc/gentoo-release etc/slackware-version etc/devuan_version etc/lsb-release; do
    say_file "$1" "$file"
  done
  # An empty file.
  if is_file "$1" etc/arch-release; then say guest:etc/arch-release ''; fi
  for file in sbin/init bin/sh; do
    magic=$(read_inside "$1" "$file" 2>/dev/null | head -c 5 | od -A n -t x1 2>/dev/null | tr -d ' \n')
    case $magic in
      7f454c4601) say elf 32 && break ;;
      7f454c4602) say elf 64 && break ;;
    esac
  done
  say_system "$1"
  say_losses "$1"
}

# What decides whether it starts on another kernel, read from files: nothing of the guest is run.
say_system() {
  if is_file "$1" sbin/init; then
    case $inside in
      */systemd) say init systemd ;;
      *)
        # Upstart of RHEL 6 has an inittab as well.
        if is_file "$1" etc/init/rcS.conf || is_file "$1" etc/init/rc.conf; then say init upstart
        elif is_file "$1" etc/inittab; then say init sysvinit
        else say init other; fi
        ;;
    esac
  fi
  say systemd "$(systemd_version "$1")"
  say glibc "$(glibc_version "$1")"
}

# Texts in the first 4 MiB of a file of the tree, each on a line of its own.
texts_inside() { read_inside "$1" "$2" 1024 2>/dev/null | tr -c '[:print:]' '\n'; }

# Since 233 a library has the version in its name; before, the program says it.
systemd_version() {
  version=''
  for directory in usr/lib/systemd lib/systemd usr/lib/x86_64-linux-gnu/systemd usr/lib/i386-linux-gnu/systemd \
    usr/lib64/systemd; do
    version=$(names_inside "$1" "$directory" 1 -name 'libsystemd-shared-[0-9]*.so')
    version=${version#./libsystemd-shared-}
    version=${version%%[!0-9]*}
    [ -z "$version" ] || break
  done
  for file in usr/lib/systemd/systemd lib/systemd/systemd bin/systemd; do
    [ -z "$version" ] || break
    version=$(texts_inside "$1" "$file" | sed -n 's/^systemd \([0-9]\{1,4\}\)\( .*\)\{0,1\}$/\1/p' | head -n 1)
  done
  echo "$version"
}

# Up to 2.33 the library is a link to libc-VERSION.so; of a newer one the banner says it.
glibc_version() {
  version=''
  for file in lib64/libc.so.6 lib/x86_64-linux-gnu/libc.so.6 lib/i386-linux-gnu/libc.so.6 \
    lib/i386-linux-gnu/i686/cmov/libc.so.6 lib/libc.so.6; do
    is_file "$1" "$file" || continue
    version=${inside##*/}
    case $version in
      libc-[0-9]*.so) version=${version#libc-} version=${version%.so} ;;
      *)
        version=$(texts_inside "$1" "$file" |
          sed -n 's/^GNU C Library .* version \([0-9][0-9.]*[0-9]\)[.,].*/\1/p' | head -n 1)
        ;;
    esac
    [ -z "$version" ] || break
  done
  echo "$version"
}

# What the guest does that it could do on OpenVZ only.
say_losses() {
  # On simfs these are links to /proc/vz, which lead nowhere from here.
  for file in aquota.user aquota.group quota.user quota.group; do
    if [ -h "$1/$file" ] || [ -f "$1/$file" ]; then say user-quota "$file"; fi
  done
  if has_line "$1" etc/exports '[^[:space:]]'; then say nfs-exports yes; else say nfs-exports no; fi
  # Not etc/network/interfaces and ifcfg-venet0, which vzctl writes itself.
  for file in etc/sysconfig/iptables etc/sysconfig/ip6tables etc/iptables/rules.v4 etc/iptables/rules.v6 \
    etc/iptables.rules etc/iptables.up.rules etc/rc.local etc/rc.d/rc.local etc/firewall etc/firewall.user \
    etc/csf/csf.conf etc/apf/conf.apf etc/apf-firewall/conf.apf etc/shorewall/interfaces etc/ferm/ferm.conf \
    etc/ufw/before.rules etc/ufw/user.rules etc/nftables.conf; do
    if has_line "$1" "$file" venet; then say venet-rules "$file"; fi
  done
  for directory in etc/iptables.d etc/network/if-pre-up.d etc/network/if-up.d; do
    # A name with a newline becomes lines of which no second one begins with ./
    names_inside "$1" "$directory" 50 -type f | while IFS= read -r file; do
      case $file in ./*) file=$directory/${file#./} ;; *) continue ;; esac
      if has_line "$1" "$file" venet; then say venet-rules "$file"; fi
    done
  done
  # Packages make these directories empty; what runs containers fills them.
  for directory in var/lib/docker var/lib/containers/storage var/lib/lxc var/lib/lxd/containers; do
    if [ -n "$(names_inside "$1" "$directory" 1)" ]; then say nested "$directory"; fi
  done
}

if [ -n "$private" ] && physical "$private"; then
  say private "$physical"
  descriptor=$private/root.hdd/DiskDescriptor.xml is_ploop=''
  # ploop writes a plain file. A link may point anywhere on the host.
  if [ -f "$descriptor" ] && [ ! -h "$descriptor" ]; then
    is_ploop=yes
    say layout ploop
    # One shot is the state that it runs in.
    shots=$(first_blocks "$descriptor" 64 | tr '<' '\n' | grep -c '^Shot[ >]')
    [ "$shots" -lt 1 ] || say snapshots "$((shots - 1))"
  else
    say layout simfs
    say_guest "$physical"
    # Of a dataset, if that is what it lies in: at its root, or in a directory of it.
    for directory in "$physical" "${physical%/*}"; do
      if [ ! -d "$directory/.zfs/snapshot" ] || [ -h "$directory/.zfs" ] || [ -h "$directory/.zfs/snapshot" ]; then
        continue
      fi
      say snapshots "$(find "$directory/.zfs/snapshot/." ! -name . -prune -print 2>/dev/null | head -n 10000 | wc -l)"
      break
    done
  fi
  if [ -n "$root" ] && physical "$root"; then
    say root "$physical"
    # The files of a ploop container can be seen only while it is mounted.
    if [ -n "$is_ploop" ] && [ -d "$physical/etc" ]; then say_guest "$physical"; fi
  fi
fi

if [ -n "$ctid" ]; then
  output=$(vzctl status "$ctid" 2>/dev/null </dev/null)
  say status-exit "$?"
  say status "$output"
  output=$(vzlist -a -H -o diskspace "$ctid" 2>/dev/null </dev/null | head -c 100)
  say diskspace "$output"
fi

if [ -n "$name_link" ]; then say name-link "$(readlink "$name_link" 2>/dev/null | head -c 4096)"; fi

for script in $scripts; do
  path=$conf_dir/$script
  [ -f "$path" ] || continue
  mode=plain
  [ ! -x "$path" ] || mode=executable
  say script "$mode $(stat -L -c %s "$path" 2>/dev/null || echo 0) $script"
done

for node in "$@"; do
  numbers=$(stat -L -c '%F|%t|%T' "/dev/$node" 2>/dev/null) || continue
  say device "$numbers|$node"
done

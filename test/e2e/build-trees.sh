#!/bin/bash
# build-trees.sh CACHE: makes CACHE/trees/NAME.tar for each guest of guests.sh, root trees of real distributions. A second run takes
# no time. Needs root and 0.5 GB of disk. To get newer versions, remove CACHE/trees.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/trees"
cache=$(cd "$1" && pwd)
# shellcheck disable=SC1091 # shellcheck looks at it by itself
. "$here/debian.sh"

lock_cache

# tree NAME SUITE PACKAGE,...
tree() {
  [ ! -s "$cache/trees/$1.tar" ] || return 0
  [ "$(id -u)" = 0 ] || fail 'the trees are not built yet, and only root can build them'
  say "the tree of $1"
  debootstrap_into "$2" "$cache/trees/$1.part.tar" "$cache/trees/$1.log" --variant=essential --include="$3"
  mv "$cache/trees/$1.part.tar" "$cache/trees/$1.tar"
}

install_tools mmdebstrap:mmdebstrap lxc-start:lxc ping:iputils-ping ip:iproute2
tree debian-12-sysvinit bookworm sysvinit-core,ifupdown,iproute2,mount,login
tree debian-12-systemd bookworm systemd-sysv,udev,dbus,ifupdown,iproute2,mount,login
tree debian-11-systemd bullseye systemd-sysv,udev,dbus,ifupdown,iproute2,mount,login

#!/bin/bash
# shellcheck disable=SC2154 # work, cache, root and here are set by run.sh
# Proofs of vz-guest-fix with guests that boot: the trees of build-trees.sh, made guests of OpenVZ, in user namespaces. Sourced.

in_userns() { lxc-usernsexec -m b:0:1000000:65536 -- "$@"; }

# boot GUEST CGROUPS [COMMAND...]: see guests/boot. Nothing it starts or mounts is left.
boot() {
  timeout --foreground -k 5 "${E2E_STEP_SECONDS:-600}" unshare --net --mount --pid --fork --kill-child --mount-proc "$here/guests/boot" "$work/$1" "${@:2}"
}

# make_guest NAME TREE: the tree as it comes from the OpenVZ node, with the ids of a user namespace.
make_guest() {
  rm -rf "${work:?}/$1"
  mkdir -p "$work/$1/rootfs"
  chmod 711 "$work" "$work/$1"
  chown 1000000:1000000 "$work/$1/rootfs"
  in_userns tar -xpf - --numeric-owner --exclude='./dev/*' -C "$work/$1/rootfs" <"$cache/trees/$2.tar"
  in_userns sh -s "$work/$1/rootfs" <"$here/guests/openvz"
}

# fix_guest NAME OSTEMPLATE [OPTION...]: what vz-guest-fix has for such a container, by the guest's own shell.
fix_guest() {
  local tree=$work/$1/rootfs
  printf '%s\n' 'HOSTNAME="web"' 'IP_ADDRESS="192.0.2.17"' "OSTEMPLATE=\"$2\"" |
    vz-parse-config -q --ctid 101 - | vz-to-osctl -q --report none --netif-type routed | vz-guest-fix "${@:3}" >"$tree/fix"
  boot "$1" hybrid /bin/sh /fix
  rm "$tree/fix"
  tr -d '\r' <"$work/$1/console" >"$work/$1/fixes"
  grep -q '^end .* 0 failed' "$work/$1/fixes" || guest_failed "$1" 'the fixes are not made'
}

# What osctld writes for ifupdown as it starts a container with a routed interface.
configure_network() {
  in_userns tee "$work/$1/rootfs/etc/network/interfaces" >/dev/null <<'END'
auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
  address 192.0.2.17
  netmask 255.255.255.255
  up ip -4 route add 255.255.255.254 dev eth0
  up ip -4 route add default via 255.255.255.254 dev eth0
END
}

# start NAME CGROUPS EXPECTED: boots it, and what guests/boot sees is as expected.
start() {
  configure_network "$1"
  boot "$1" "$2"
  [ "$(paste -sd, "$work/$1/seen")" = "$3" ] || guest_failed "$1" "$(paste -sd, "$work/$1/seen"), expected $3"
}

guest_failed() {
  tail -v -n 40 "$work/$1/console" "$work/$1/lxc.out" "$work/$1/lxc.log" >&2 || :
  failed "$1: $2"
}

# says NAME PATTERN, says_not NAME PATTERN: on the console.
says() { grep -aqE "$2" "$work/$1/console" || guest_failed "$1" "it does not say $2"; }
says_not() { ! grep -aqE "$2" "$work/$1/console" || guest_failed "$1" "it says $2"; }

# holds NAME TEST PATH: what `test` says of a path in the tree.
holds() { test "$2" "$work/$1/rootfs/$3" || guest_failed "$1" "not so: test $2 $3"; }

all='address: yes,login: yes,stopped: yes'

prove_sysvinit() {
  local tree=debian-12-sysvinit template=debian-12.0-x86_64
  make_guest fixed $tree
  fix_guest fixed $template
  start fixed hybrid "$all"
  holds fixed -L etc/mtab
  proved "$tree, fixed: its address, a login prompt on the console, shuts down on SIGPWR"

  make_guest no-console $tree
  fix_guest no-console $template --skip inittab-console,quota-scripts
  SETTLE=20 start no-console hybrid 'address: yes,login: no,stopped: yes'
  grep -q simfs "$work/no-console/rootfs/etc/mtab" || guest_failed no-console '/etc/mtab is without simfs'
  proved "$tree without inittab-console: no login prompt; without quota-scripts: vzquota makes a false /etc/mtab"

  make_guest no-powerfail $tree
  fix_guest no-powerfail $template --skip inittab-powerfail
  SETTLE=20 start no-powerfail hybrid 'address: yes,login: yes,stopped: no'
  proved "$tree without inittab-powerfail: a login prompt, but SIGPWR does not stop it"
}

# prove_systemd TREE OSTEMPLATE
prove_systemd() {
  make_guest fixed "$1"
  fix_guest fixed "$2"
  for cgroups in unified hybrid; do
    start fixed $cgroups "$all"
    says_not fixed 'Failed to start .*([Rr]emount-fs|Remount Root)|Coldplug'
  done
  holds fixed -d "var/log/journal/$(cat "$work/fixed/rootfs/etc/machine-id")"
  proved "$1, fixed, with control groups of version 2 and 1: its address, a login prompt on the console, shuts down when LXC asks"

  make_guest unfixed "$1"
  start unfixed hybrid "$all"
  says unfixed 'Failed to start .*([Rr]emount-fs|Remount Root)'
  says unfixed 'Coldplug'
  ! test -e "$work/unfixed/rootfs/var/log/journal" || guest_failed unfixed 'it has a journal'
  proved "$1 without fixes: the root of fstab fails, udev repeats the events of all devices, and no journal is kept"
}

prove_guests() {
  "$here/build-trees.sh" "$cache"
  prove_sysvinit
  prove_systemd debian-12-systemd debian-12.0-x86_64
  prove_systemd debian-11-systemd debian-11.0-x86_64
}

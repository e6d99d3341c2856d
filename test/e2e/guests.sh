#!/bin/bash
# shellcheck disable=SC2154 # work, cache, root and here are set by run.sh
# Proofs of vz-guest-fix with guests that boot: the trees of build-trees.sh, made guests of OpenVZ, in user namespaces. Sourced.

in_userns() { lxc-usernsexec -m b:0:1000000:65536 -- "$@"; }

# boot GUEST CGROUPS [COMMAND...]: see guests/boot. Nothing it starts or mounts is left.
boot() {
  timeout -k 5 "${E2E_STEP_SECONDS:-600}" unshare --net --mount --pid --fork --kill-child --mount-proc "$here/guests/boot" "$work/$1" "${@:2}"
}

# make_guest NAME TREE: the tree, as it comes from the OpenVZ node, in a user namespace's ids.
make_guest() {
  mkdir -p "$work/$1/rootfs"
  chmod 711 "$work" "$work/$1"
  chown 1000000:1000000 "$work/$1/rootfs"
  in_userns tar -xpf - --numeric-owner --exclude='./dev/*' -C "$work/$1/rootfs" <"$cache/trees/$2.tar"
  in_userns sh -s "$work/$1/rootfs" <"$here/guests/openvz"
}

# fix_guest NAME OSTEMPLATE: all that vz-guest-fix has for such a container, by the guest's own shell.
fix_guest() {
  local tree=$work/$1/rootfs
  printf '%s\n' 'HOSTNAME="web"' 'IP_ADDRESS="192.0.2.17"' "OSTEMPLATE=\"$2\"" |
    vz-parse-config --ctid 101 - | vz-to-osctl -q --report none --netif-type routed | vz-guest-fix >"$tree/fix"
  boot "$1" hybrid /bin/sh /fix
  rm "$tree/fix"
  tr -d '\r' <"$work/$1/console" >"$work/$1/fixes"
  grep -q '^end .* 0 failed' "$work/$1/fixes" || { cat "$work/$1/fixes" >&2; failed "$1: the fixes are not made"; }
}

# What osctld writes as it starts a container with a routed interface, in its ifupdown configurator.
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

# sees GUEST WHAT...: what guests/boot has seen.
sees() {
  is "$(paste -sd, "$work/$1/seen")" "$2" "$1"
}

# prove_guest TREE OSTEMPLATE CGROUPS
prove_guest() {
  make_guest fixed "$1"
  fix_guest fixed "$2"
  configure_network fixed
  boot fixed "$3"
  sees fixed 'address: yes,login: yes,stopped: yes'
  proved "$1, $(sed -n 's/^end //p' "$work/fixed/fixes"): boots with cgroups $3 to a login prompt on the console, has its address, stops when told to"
}

prove_guests() {
  prove_guest debian-12-sysvinit debian-12.0-x86_64 hybrid
}

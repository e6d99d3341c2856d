# The node starts /sbin/init.
fix_nixos_init() {
  there nix/var/nix/profiles/system || return
  if there sbin/init; then keep sbin/init; else make_directory sbin && link /nix/var/nix/profiles/system/init sbin/init; fi
}

# Part of scripts on the new node. shellcheck sees each part alone.
# shellcheck disable=SC2154
# The container's datasets, parents first, or as the flags of sort say. One a line: names may hold blanks.
all_datasets() {
  listed=$(zfs list -H -o name -r -t filesystem "$dataset" </dev/null) || return
  printf '%s\n' "$listed" | LC_ALL=C sort "$@"
}

mounted() { [ "$(zfs get -H -o value mounted "$1" </dev/null)" = yes ]; }

unmount_all() {
  names=$(all_datasets -r) || return
  while IFS= read -r one; do
    ! mounted "$one" || alone zfs umount "$one" || return
  done <<EOF
$names
EOF
}

mount_all() {
  names=$(all_datasets) || return
  while IFS= read -r one; do
    mounted "$one" || alone zfs mount "$one" || return
  done <<EOF
$names
EOF
}

# Whatever somebody types: what cannot be mounted cannot be started.
forbid_mounts() {
  step umount
  unmount_all || fail umount
  step set
  [ "$(property canmount)" = off ] || alone zfs set canmount=off "$dataset" || fail set
  # Somebody may have mounted it in between.
  step umount
  unmount_all || fail umount
  ! mounted "$dataset" || fail umount
}

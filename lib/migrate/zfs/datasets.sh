# Part of scripts on the new node. shellcheck sees each part alone.
# shellcheck disable=SC2154
# The container's datasets, parents first.
all_datasets() { zfs list -H -o name -r -t filesystem "$dataset" </dev/null | LC_ALL=C sort; }

mounted() { [ "$(zfs get -H -o value mounted "$1" </dev/null)" = yes ]; }

unmount_all() {
  for one in $(all_datasets | LC_ALL=C sort -r); do
    ! mounted "$one" || alone zfs umount "$one" || return 1
  done
}

mount_all() {
  for one in $(all_datasets); do
    mounted "$one" || alone zfs mount "$one" || return 1
  done
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

# A part: others set and use its variables.
# shellcheck disable=SC2154
# set_maps UIDMAP GIDMAP; they can be set only while the dataset is not mounted.
set_maps() {
  [ "$(property uidmap) $(property gidmap)" != "$1 $2" ] || return 0
  step umount
  tries=0
  while [ "$(property mounted)" = yes ]; do
    alone zfs umount "$dataset" && continue
    tries=$((tries + 1))
    [ $tries -lt 10 ] || fail umount
    sleep 1
  done
  step set
  alone zfs set "uidmap=$1" "gidmap=$2" "$dataset" || fail set
}

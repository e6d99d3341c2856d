# $3, $4: uidmap and gidmap that the dataset gets; they can be set only while it is not mounted.
# A part: others set and use its variables.
# shellcheck disable=SC2154
begin
if [ "$(property uidmap) $(property gidmap)" != "$3 $4" ]; then
  step umount
  tries=0
  while [ "$(property mounted)" = yes ]; do
    alone zfs umount "$dataset" && continue
    tries=$((tries + 1))
    [ $tries -lt 10 ] || fail umount
    sleep 1
  done
  step set
  alone zfs set "uidmap=$3" "gidmap=$4" "$dataset" || fail set
fi
find_places

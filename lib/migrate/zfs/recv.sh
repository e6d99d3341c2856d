# Part of a script on the new node. shellcheck sees each part alone.
# shellcheck disable=SC2034,SC2154
# $3: the dataset below the container's, empty for its own, $4: seconds without input after which the other end counts as dead.
# On stdin a stream, in frames: `data`, `keep`, and `end` when it was whole.
name=$3 limit=$4
begin
require_ours_stopped
forbid_mounts
target=$dataset${name:+/$name}
if [ -n "$name" ] && ! zfs list -H "$target" </dev/null >/dev/null 2>&1; then
  step create
  uidmap=$(property uidmap) || fail create
  gidmap=$(property gidmap) || fail create
  alone zfs create -o canmount=noauto -o "uidmap=$uidmap" -o "gidmap=$gidmap" "$target" || fail create
fi
step recv
feed zfs recv -F -u "$target" || fail recv
say received

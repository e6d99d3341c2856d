# Part of a script on the new node. shellcheck sees each part alone.
# shellcheck disable=SC2154
begin
require_ours_stopped
step set
alone zfs set canmount=noauto "$dataset" || fail set
step mount
mount_all || fail mount
mountpoint=$(property mountpoint)
step check
[ -d "$mountpoint/private" ] || { echo "there is no $mountpoint/private" >&2; fail check; }
set_modes "$mountpoint/private" || fail check

# $3, $4: uidmap and gidmap that the dataset gets back, or empty where it has none.
# A part: others set and use its variables; a command list may end with what follows ||.
# shellcheck disable=SC2015,SC2154
begin
require_ours_stopped
[ -z "$3" ] || set_maps "$3" "$4"
find_places
step commit
if [ -e "$incoming" ]; then
  set_modes "$incoming" && alone rm -f "$since" && alone mv -T "$incoming" "$private" || fail commit
fi
[ -d "$private" ] && [ ! -e "$incoming" ] || { echo "there is no $private" >&2; fail commit; }
sync -f "$private" || fail commit

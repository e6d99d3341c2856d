# A part: others set and use its variables.
# shellcheck disable=SC2154
begin
require_ours_stopped
find_places
step withhold
if [ -e "$private" ]; then alone mv -T "$private" "$incoming" || fail withhold; fi
[ ! -e "$private" ] || fail withhold
# Somebody may have started it in between.
require_ours_stopped

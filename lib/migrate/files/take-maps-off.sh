# $3, $4: what the maps shall be. Says `data` where a pass has left some.
# A part: others set and use its variables.
# shellcheck disable=SC2154
begin
set_maps "$3" "$4"
find_places
if [ -e "$incoming" ]; then say data; fi

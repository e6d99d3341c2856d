# $3: the source's clock in seconds, $4: `last`, or empty, $5: what the uidmap must be now, $6: tar or rsync, then rsync's flags and what
# it reads. What it ends
# with is the exit code of rsync, 2 for tar, 69 or 75.
# A part: others set and use its variables; a command list may end with what follows ||.
# shellcheck disable=SC2015,SC2016,SC2154
exec 3<&0 4>&1 </dev/null >&2
begin
find_places
step check
[ ! -e "$private" ] || { echo "$private is there already" >&2; fail check; }
[ -e "$since" ] || echo "$3" >"$since" || fail check
# Somebody has put the maps on again: every owner would be wrong.
[ -z "$5" ] || [ "$(property uidmap)" = "$5" ] || { echo "$dataset has uidmap $(property uidmap), expected $5" >&2; fail check; }
last=$4 how=$6
shift 6
step "$how"
if [ "$how" = tar ]; then
  mkdir "$incoming" || fail check
  tar --numeric-owner --xattrs '--xattrs-include=*' -x -C "$incoming" <&3 && cat <&3 >/dev/null || exit 2
else
  # rsync dials nobody: what it takes for its ssh is the channel that this script is run over. dash gives a job in the background
  # /dev/null as stdin.
  SHIM='exec 5<&0; cat <&5 >&4 5<&- 3<&- & p=$!; exec 4>&- 5<&-; cat <&3; kill $p 2>/dev/null; exit 0'
  # Nor are its words sent by stdin.
  RSYNC_PROTECT_ARGS=0
  export SHIM RSYNC_PROTECT_ARGS
  rsync -e "sh -c 'eval \"\$SHIM\"'" "$@" "$incoming/"
  code=$?
  case $code in 0 | 23 | 24) ;; *) exit $code ;; esac
fi
# Of the last pass, the commit does that: the container is down.
[ -z "$last" ] || exit "${code:-0}"
step sync
sync -f "$incoming" || fail sync
# rsync goes by size and time, and times may come in whole seconds: a file that was read in the second in which it was written
# would look the same if it was written once more in that second. So those that were young then look different from now on.
step recent
read -r seconds <"$since"
find "$incoming" -xdev -type f -newermt "@$((seconds - 2))" -exec touch -d @0 {} + && rm "$since" || fail recent
exit "${code:-0}"

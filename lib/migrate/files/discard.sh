# $3: POOL:USER that was made for it, $4: groups, children first; or empty.
# A part: others set and use its variables.
# shellcheck disable=SC2034,SC2154
user=$3 made_user=$3 made_groups=$4 left=''
begin
step discard
shown=$(osctl -j ct show "$ct" </dev/null 2>&1)
case $shown in
  *"$mark"*) marked=yes; delete_container ;;
  *'container not found'*) ;;
  *'"state"'*) say foreign; exit 0 ;;
  *) echo "$shown" >&2; exit 69 ;;
esac
[ -n "$left" ] || delete_accounts
if [ -z "$left" ]; then
  case $(osctl -j ct show "$ct" </dev/null 2>&1) in *'container not found'*) ;; *) left="osctl ct del $ct" ;; esac
  if [ -n "$dataset" ] && zfs list -H "$dataset" </dev/null >/dev/null 2>&1; then left="${left:+$left && }zfs destroy -r $dataset"; fi
fi
if [ -n "$left" ]; then say "left $left"; else say gone; fi

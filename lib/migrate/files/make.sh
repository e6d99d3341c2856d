# $3: the command that makes its user, or empty, $4: POOL:USER that is deleted again, $5: groups to be made, $6: the command that
# makes the container, $7: how many bytes of config come on stdin. A step that fails undoes what was made.
# A part: others set and use its variables.
# shellcheck disable=SC2034,SC2154
make_user=$3 user=$4 groups=$5 make_ct=$6
config=$(cat)
[ ${#config} -eq "$7" ] || exit 75
begin
make_container
step config
# A config without it means `zfs`, whatever `ct new` has made.
case $(osctl -j ct show "$ct" </dev/null | tr -d ' \n') in
  *'"map_mode":"native"'*) config="{\"map_mode\": \"native\",${config#?}" ;;
esac
printf %s "$config" | osctl -q ct config replace "$ct" >&2 || fail config

# Making a container on the node, and taking it back; for the scripts that do. They set: ct (POOL:ID), pool, mark (a word that
# its attributes hold once it has any), dataset, make_user (the command that makes its user, or empty), user (POOL:USER to be
# deleted again), groups (to be made, parents first), make_ct (the command that makes the container).
# A part: others set and use its variables.
# shellcheck disable=SC2154
made_user='' made_groups='' made_ct='' marked=''

say() { echo "$@" 2>/dev/null; }
step() { echo "vz2osctl-step $1" >&2; }
# Nothing but what is meant to may read stdin.
alone() { "$@" </dev/null >&2; }

delete_container() {
  if [ -n "$marked" ]; then
    shown=$(osctl -j ct show "$ct" </dev/null 2>&1)
    case $shown in
      *"$mark"*) ;;
      *'container not found'*) return ;;
      *) left="osctl ct show $ct"; return ;;
    esac
  fi
  tries=0
  until alone osctl -q ct del "$ct"; do
    tries=$((tries + 1))
    [ $tries -lt 10 ] || { left="osctl ct del $ct"; return; }
    sleep 1
  done
}

# Whatever of user and groups can still be deleted; what cannot goes into `left`.
delete_accounts() {
  # osctld may have deleted the user with its last container.
  if [ -n "$made_user" ] && osctl -j user show "$user" </dev/null >/dev/null 2>&1; then
    alone osctl -q user del "$user" || left="${left:+$left && }osctl user del $user"
  fi
  for group in $made_groups; do
    alone osctl -q group del "$pool:$group" || left="${left:+$left && }osctl group del $pool:$group"
  done
}

undo() {
  step undo
  left=''
  [ -z "$made_ct" ] || delete_container
  delete_accounts
  if [ -n "$left" ]; then say "left $left"; else say undone; fi
}

fail() {
  say "failed $1"
  undo
  exit 69
}

property() { zfs get -H -o value "$1" "$dataset" </dev/null; }

is_mounted() {
  [ "$(property mounted)" = yes ] && return
  echo "$dataset is not mounted" >&2
  return 1
}

set_modes() {
  alone chown 0:0 "$mountpoint" "$1" && alone chmod 0770 "$mountpoint" && alone chmod 0755 "$1"
}

make_container() {
  if [ -n "$make_user" ]; then
    step user
    if alone eval "$make_user"; then made_user=yes
    # As with groups: of imports that run side by side one makes it.
    else osctl -j user show "$user" </dev/null >/dev/null || fail user; fi
  fi
  step group
  for group in $groups; do
    if alone osctl -q --pool "$pool" group new "$group"; then made_groups="$group $made_groups"
    # Another import has made it meanwhile, and keeps it.
    else osctl -j --pool "$pool" group ls "$group" </dev/null | grep -qF "\"$group\"" || fail group; fi
  done
  step new
  alone eval "$make_ct" || fail new
  made_ct=yes
  is_mounted || fail new
}

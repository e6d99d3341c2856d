# $1: POOL:ID, $2: a word of this run alone, $3: seconds without input after which the other end counts as dead, $4: the
# container's dataset, $5: the command that makes its user, or empty, $6: POOL:USER to be deleted again, $7: groups to be
# made, parents first, $8: the command that makes the container, $9: the one that sets autostart, or empty.
#
# On stdin come frames: 16 bytes with a word and a size, then so many bytes. The frame `commit` alone makes a container of
# it. An end of input before that, or silence, undoes all that was made here: nobody signals a command whose ssh went away.
# Until the commit nothing can start: of a tar there is no private/, of streams the dataset cannot be mounted.
trap : HUP INT TERM PIPE
umask 022
ct=$1 word=$2 limit=$3 dataset=$4 make_user=$5 user=$6 groups=$7 make_ct=$8 autostart=$9
pool=${ct%%:*} mark=$$:$word
made_user='' made_groups='' made_ct='' marked='' format='' subdatasets='' snapshots=''

say() { echo "$@" 2>/dev/null; }
step() { echo "vz2osctl-step $1" >&2; }
# Nothing but what is meant to may read the frames.
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

undo() {
  step undo
  left=''
  [ -z "$made_ct" ] || delete_container
  # osctld may have deleted the user with its last container.
  if [ -n "$made_user" ] && osctl -j user show "$user" </dev/null >/dev/null 2>&1; then
    alone osctl -q user del "$user" || left="${left:+$left && }osctl user del $user"
  fi
  for group in $made_groups; do
    alone osctl -q group del "$pool:$group" || left="${left:+$left && }osctl group del $pool:$group"
  done
  if [ -n "$left" ]; then say "left $left"; else say undone; fi
}

fail() {
  say "failed $1"
  undo
  exit 69
}

# coreutils' head takes no byte more than it is told to.
frame() {
  header=$(timeout "$limit" head -c 16) && [ ${#header} -eq 15 ] || return 1
  kind=${header%% *} size=${header##* }
}
bytes() { timeout "$limit" head -c "$size"; }

payload() {
  while frame; do
    case $kind in
      data) bytes || return 1 ;;
      keep) ;;
      end) return 0 ;;
      *) return 1 ;;
    esac
  done
  return 1
}

# Both ends have to succeed, and POSIX sh has no pipefail.
feed() {
  ends=$({ { payload; echo "$?" >&3; } | { "$@" >&2 3>&-; echo "$?" >&3; }; } 3>&1)
  # An end that was killed has said nothing.
  # shellcheck disable=SC2086
  (set -- $ends; [ "$*" = '0 0' ])
}

property() { zfs get -H -o value "$1" "$dataset" </dev/null; }

is_mounted() {
  [ "$(property mounted)" = yes ] && return
  echo "$dataset is not mounted" >&2
  return 1
}

unpack() {
  [ -z "$format" ] || return 1
  format=tar
  alone mkdir "$incoming" || return 1
  # tar stops at the end of the tar; what pads the gzip behind it must not find a closed pipe.
  # shellcheck disable=SC2016
  feed sh -c 'tar --numeric-owner --xattrs --xattrs-include=security.capability -xz -C "$0" && cat >/dev/null' "$incoming"
}

# $1: the dataset below the container's, empty for its own; $2: stream, or gzip when it is packed.
receive() {
  if [ -z "$format" ]; then
    alone zfs umount "$dataset" && alone zfs set canmount=off "$dataset" || return 1
    uidmap=$(property uidmap) && gidmap=$(property gidmap) || return 1
    format=zfs
  fi
  [ $format = zfs ] || return 1
  target=$dataset${1:+/$1}
  if [ -n "$1" ] && ! zfs list -H "$target" </dev/null >/dev/null 2>&1; then
    alone zfs create -o canmount=noauto -o "uidmap=$uidmap" -o "gidmap=$gidmap" "$target" || return 1
    subdatasets="$subdatasets $1"
  fi
  if [ "$2" = stream ]; then
    feed zfs recv -F -u "$target"
  else
    # shellcheck disable=SC2016
    feed sh -c 'gunzip | exec zfs recv -F -u "$0"' "$target"
  fi
}

set_modes() {
  alone chown 0:0 "$mountpoint" "$1" && alone chmod 0770 "$mountpoint" && alone chmod 0755 "$1"
}

mount_all() {
  for name in '' $subdatasets; do
    alone zfs mount "$dataset${name:+/$name}" || return 1
  done
  alone mkdir -p "$mountpoint/private" && set_modes "$mountpoint/private"
}

destroy_snapshots() {
  for name in '' $subdatasets; do
    for snapshot in $snapshots; do
      alone zfs destroy "$dataset${name:+/$name}@$snapshot" || return 1
    done
  done
}

commit() {
  step check
  [ -n "$format" ] || { echo 'no payload came' >&2; fail check; }
  case $(osctl -j ct show "$ct" </dev/null) in *"$mark"*) ;; *) echo "$ct is not the container that was made" >&2; fail check ;; esac
  step prepare
  if [ "$format" = tar ]; then
    is_mounted && set_modes "$incoming"
  else
    destroy_snapshots
  fi || fail prepare
  # Without the mark nobody takes it for a leftover.
  alone osctl -q ct unset attr "$ct" vz2osctl:incoming || fail prepare
  marked=''
  say committing
  step commit
  if [ "$format" = tar ]; then alone mv -T "$incoming" "$mountpoint/private"
  else alone zfs set canmount=noauto "$dataset"; fi || fail commit
  say committed
  step modes
  [ "$format" = tar ] || mount_all || exit 69
  step autostart
  [ -z "$autostart" ] || alone eval "$autostart" || exit 69
  step show
  say show
  exec osctl -j ct show "$ct" </dev/null
}

say begun
if [ -n "$make_user" ]; then
  step user
  alone eval "$make_user" || fail user
  made_user=yes
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
mountpoint=$(property mountpoint)
incoming=$mountpoint/vz2osctl.incoming

while frame; do
  case $kind in
    keep) ;;
    config)
      step config
      bytes | osctl -q ct config replace "$ct" >&2 || fail config
      step mark
      alone osctl -q ct set attr "$ct" vz2osctl:incoming "$mark" || fail mark
      marked=yes
      ;;
    tar)
      step tar
      unpack || fail tar
      ;;
    stream | gzip)
      packing=$kind
      name=$(bytes)
      step recv
      receive "$name" "$packing" || fail recv
      ;;
    snapshots) snapshots=$(bytes) ;;
    commit) commit ;;
    *) fail frame ;;
  esac
done
say ended
undo
exit 75

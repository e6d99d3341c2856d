# Begins every script of a migration of files on the new node, which is run as `vz2osctl-step:ID`, or as `vz2osctl-pass:ID` when
# it takes data; ID is the migration's. $1: POOL:ID, $2: the container's dataset.
# A part: others set and use its variables; a command list may end with what follows ||.
# shellcheck disable=SC2013,SC2034
trap : HUP INT TERM PIPE
umask 022
ct=$1 dataset=$2 mark=${0#*:} pool=${1%%:*}

# The scripts of a kind (a regular expression) that are there besides this one. Each leads a process group; its subshells, whose command line is the
# same, do not. The bracket keeps grep from finding itself.
others() {
  for file in $(grep -lszxe "[v]z2osctl-$1:$mark" /proc/[0-9]*/cmdline); do
    pid=${file#/proc/}
    pid=${pid%/cmdline}
    if [ "$pid" != $$ ] && kill -s 0 -- "-$pid" 2>/dev/null; then echo "$pid"; fi
  done
}

# A script goes on when its link is lost. One that takes data is ended: what it still had in hand could overwrite what comes
# now. The others are short, and waited for.
begin() {
  tries=0
  # All at once, for the usual case that there is none: the container may be down.
  while [ -n "$(others '\(pass\|step\)')" ]; do
    for pid in $(others pass); do kill -s KILL -- "-$pid" 2>/dev/null; done
    [ -n "$(others '\(pass\|step\)')" ] || return 0
    tries=$((tries + 1))
    [ $tries -lt 30 ] || { say busy; exit 75; }
    sleep 1
  done
}

find_places() {
  step mount
  mounted=$(property mounted,mountpoint)
  case $mounted in yes*) ;; *) alone zfs mount "$dataset" || fail mount ;; esac
  mountpoint=${mounted#*
}
  incoming=$mountpoint/vz2osctl.incoming private=$mountpoint/private since=$mountpoint/vz2osctl.since
}

# require_ours_stopped [STATE]: that one will do as well. Each osctl takes a Ruby's start, so it is asked once.
require_ours_stopped() {
  step show
  shown=$(osctl -j ct show "$ct" </dev/null)
  case $shown in
    *"$mark"*) ;;
    *) echo "$ct is not the container of this migration" >&2; fail show ;;
  esac
  step state
  # A quote within a value has a backslash before it.
  state=$(printf '%s\n' "$shown" | sed -n 's/^.*"state": *"\([a-z]*\)".*$/\1/p')
  [ "$state" = stopped ] || [ "$state" = "${1:-stopped}" ] ||
    { echo "$ct is in state ${state:-unknown}, expected stopped" >&2; fail state; }
}

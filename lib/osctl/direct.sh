# Behind make-container.sh and read-frames.sh; shellcheck sees each part alone.
# shellcheck disable=SC2034,SC2154
#
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
format='' subdatasets='' snapshots=''

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
make_container
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

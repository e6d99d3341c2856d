# shellcheck shell=sh
# shellcheck disable=SC2154 # set by node.sh
# Mounting: of simfs a bind mount of VE_PRIVATE at VE_ROOT where that is possible, else only the mark in state/; of ploop
# what ploop.sh makes of it.

# run_script NAME: an action script of the node; 79 when it fails.
run_script() {
  [ -x "$confdir/$1" ] || return 0
  VEID=$ct VE_CONFFILE=$conf "$confdir/$1" </dev/null || {
    complain "Error executing action script $confdir/$1"
    return 79
  }
}

# submounts DIRECTORY: what is mounted below it, deepest first.
submounts() { awk -v top="$1/" 'index($2, top) == 1 { print $2 }' /proc/mounts | sort -r; }

mount_filesystem() {
  is_existing || { complain "Container private area $private does not exist"; return 43; }
  run_script vps.premount && run_script "$ct.premount" || return 79
  mkdir -p "$root" || return 54
  if is_ploop; then
    mount_ploop || return $?
    echo ploop >"$state/$ct.mounted"
  else
    mount_simfs
  fi
  if ! { run_script vps.mount && run_script "$ct.mount"; }; then
    umount_filesystem
    return 79
  fi
  say 'Container is mounted'
}

mount_simfs() {
  echo mark >"$state/$ct.mounted"
  if [ ! -f "$state/no-mount" ] && mount --bind "$private" "$root" 2>/dev/null; then
    echo bind >"$state/$ct.mounted"
  fi
}

umount_filesystem() {
  run_script "$ct.umount" && run_script vps.umount || return 79
  if [ "$(cat "$state/$ct.mounted")" != mark ]; then
    submounts "$root" | while read -r _below; do umount "$_below"; done
    umount "$root" || { complain "Can't umount: $root"; return 51; }
  fi
  rm -f "$state/$ct.mounted"
  say 'Container is unmounted'
  run_script "$ct.postumount" && run_script vps.postumount || return 79
}

# shellcheck shell=sh
# shellcheck disable=SC2154 # set by node.sh
# ploop: a raw ext4 image, loop-mounted, is what stands for the image stack; where loop mounts do not work it is a
# directory, bind-mounted. A snapshot is a copy of it beside it, named in DiskDescriptor.xml and Snapshots.xml.

is_ploop() { [ -f "$private/root.hdd/DiskDescriptor.xml" ]; }

# mount_body BODY DIRECTORY rw|ro
mount_body() {
  if [ -d "$1" ]; then
    mount --bind "$1" "$2" && { [ "$3" = rw ] || mount -o remount,bind,ro "$2"; }
  elif [ "$3" = rw ]; then
    mount -t ext4 -o loop "$1" "$2"
  else
    mount -t ext4 -o loop,ro,noload "$1" "$2"
  fi
}

# mount_ploop: VE_ROOT of the container.
mount_ploop() {
  [ ! -f "$state/no-ploop" ] || { complain 'ploop is not supported by the kernel'; return 99; }
  [ -e "$private/root.hdd/root.hdd" ] ||
    { complain "Error in ploop_read_disk_descr: Can't open $private/root.hdd/root.hdd: No such file or directory"; return 150; }
  mount_body "$private/root.hdd/root.hdd" "$root" rw 2>/dev/null || { complain 'Failed to mount image'; return 152; }
}

# snapshot_options OPTION...: sets $guid and $target.
snapshot_options() {
  guid='' target='' suspend=yes keep_config=yes
  while [ $# -gt 0 ]; do
    case $1 in
      --id) guid=${2-}; shift ;;
      --target) target=${2-}; shift ;;
      --name | --description) shift ;;
      --skip-suspend) suspend=no ;;
      --skip-config) keep_config=no ;;
      *) complain "Invalid option $1"; return 20 ;;
    esac
    shift
  done
  case $guid in
    '') [ "$verb" = snapshot ] || { complain 'Option --id is required'; return 20; } ;;
    "{"????????-????-????-????-????????????"}") ;;
    *) complain "Invalid guid '$guid'"; return 21 ;;
  esac
  is_existing || { complain "Container private area $private does not exist"; return 43; }
}

has_snapshot() { grep -qF "$1" "$private/Snapshots.xml" 2>/dev/null; }
snapshot_body() { printf '%s\n' "$private/root.hdd/root.hdd.$guid"; }

vz_snapshot() {
  snapshot_options "$@" || return $?
  is_ploop || { complain 'Snapshot feature is only available for containers on ploop'; return 156; }
  [ ! -f "$state/no-ploop" ] || { complain 'ploop is not supported by the kernel'; return 99; }
  [ -n "$guid" ] || guid="{$(cat /proc/sys/kernel/random/uuid)}"
  ! has_snapshot "$guid" || { complain "Snapshot $guid already exists"; return 156; }
  say "Creating snapshot $guid"
  copy_body || { rm -rf "$(snapshot_body)"; complain 'Failed to create snapshot'; return 156; }
  mkdir -p "$private/dump"
  if is_running && [ $suspend = yes ]; then : >"$private/dump/$guid"; fi
  [ $keep_config = no ] || cp "$conf" "$private/dump/$guid.ve.conf"
  list_snapshot
  say "Snapshot $guid has been successfully created"
}

# What is mounted is frozen meanwhile, as the driver does it.
copy_body() {
  _frozen=no
  if is_mounted && [ ! -d "$private/root.hdd/root.hdd" ]; then
    trap 'fsfreeze -u "$root" 2>/dev/null; rm -f "${lock:-$state/none}"' EXIT
    trap 'exit 143' HUP INT TERM
    fsfreeze -f "$root" && _frozen=yes
  fi
  cp -a --reflink=auto "$private/root.hdd/root.hdd" "$(snapshot_body)"
  _copied=$?
  [ $_frozen = no ] || fsfreeze -u "$root"
  return $_copied
}

list_snapshot() {
  [ -f "$private/Snapshots.xml" ] ||
    printf '%s\n' '<?xml version="1.0"?>' '<ParallelsSavedStates>' '</ParallelsSavedStates>' >"$private/Snapshots.xml"
  sed -i "s|^</ParallelsSavedStates>|  <SavedStateItem guid=\"$guid\" current=\"yes\"/>\\n&|" "$private/Snapshots.xml"
  sed -i -e "s|^    </Storage>|      <Image><GUID>$guid</GUID><Type>Plain</Type><File>root.hdd.$guid</File></Image>\\n&|" \
    -e "s|^  </Snapshots>|    <Shot><GUID>$guid</GUID><ParentGUID>{00000000-0000-0000-0000-000000000000}</ParentGUID></Shot>\\n&|" \
    "$private/root.hdd/DiskDescriptor.xml"
}

vz_snapshot_delete() {
  snapshot_options "$@" || return $?
  has_snapshot "$guid" || { complain "Unable to find snapshot by uuid $guid"; return 158; }
  [ ! -f "$state/$ct.snapshot.$guid" ] || { complain "Snapshot $guid is mounted"; return 158; }
  rm -rf "$(snapshot_body)" "$private/dump/$guid" "$private/dump/$guid.ve.conf"
  sed -i "/$guid/d" "$private/root.hdd/DiskDescriptor.xml" "$private/Snapshots.xml"
  say "Snapshot $guid has been successfully deleted"
}

vz_snapshot_mount() {
  snapshot_options "$@" || return $?
  [ -n "$target" ] || { complain 'Option --target is required'; return 20; }
  has_snapshot "$guid" || { complain "Unable to find snapshot by uuid $guid"; return 160; }
  [ ! -f "$state/$ct.snapshot.$guid" ] || { complain "Snapshot $guid is already mounted"; return 160; }
  [ -d "$target" ] || { complain "Mount point $target does not exist"; return 160; }
  mount_body "$(snapshot_body)" "$target" ro || { complain "Failed to mount snapshot $guid"; return 160; }
  printf '%s\n' "$target" >"$state/$ct.snapshot.$guid"
  say "Snapshot $guid has been mounted to $target"
}

vz_snapshot_umount() {
  snapshot_options "$@" || return $?
  [ -f "$state/$ct.snapshot.$guid" ] || { complain "Snapshot $guid is not mounted"; return 161; }
  umount "$(cat "$state/$ct.snapshot.$guid")" || { complain "Failed to unmount snapshot $guid"; return 161; }
  rm -f "$state/$ct.snapshot.$guid"
  say "Snapshot $guid has been unmounted"
}

# Always with a header, and the column UUID only.
vz_snapshot_list() {
  echo 'UUID'
  sed -n 's/.*SavedStateItem guid="\([^"]*\)".*/\1/p' "$private/Snapshots.xml" 2>/dev/null
}

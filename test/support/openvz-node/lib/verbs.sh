# shellcheck shell=sh
# shellcheck disable=SC2154 # set by node.sh
# The verbs of vzctl. Each returns vzctl's exit code.

vz_status() {
  _line="CTID $ct"
  if is_existing; then _line="$_line exist"; else _line="$_line deleted"; fi
  if is_mounted; then _line="$_line mounted"; else _line="$_line unmounted"; fi
  if is_running; then _line="$_line running"; else _line="$_line down"; fi
  if is_suspended; then _line="$_line suspended"; fi
  printf '%s\n' "$_line"
}

vz_start() {
  _force=no _remount=yes
  for _option in "$@"; do
    case $_option in
      --force) _force=yes ;;
      --skip-remount) _remount=no ;;
      --wait) ;;
      *) complain "Invalid option $_option"; return 20 ;;
    esac
  done
  if [ "${v_DISABLED-}" = yes ] && [ $_force = no ]; then
    complain 'Container start disabled'
    return 105
  fi
  is_existing || { complain "Container private area $private does not exist"; return 43; }
  ! is_running || { complain 'Container is already running'; return 32; }
  _fails=$(fault start-fails 0)
  if [ "$_fails" -gt 0 ]; then
    echo $((_fails - 1)) >"$state/$ct.start-fails"
    complain 'Container start failed'
    return "$(fault start-exit 7)"
  fi
  if [ -f "$dump" ]; then
    say "Dump file $dump exists, trying to restore from it"
    say 'Restoring container ...'
  else
    say 'Starting container...'
  fi
  if is_mounted && [ $_remount = yes ]; then umount_filesystem || return $?; fi
  is_mounted || mount_filesystem || return $?
  wait_for start-seconds
  rm -f "$dump"
  say 'Setting CPU units: 1000'
  echo $$ >"$state/$ct.running"
  [ ! -f "$state/$ct.writer" ] || start_writer
  say 'Container start in progress...'
}

vz_stop() {
  _umount=yes
  for _option in "$@"; do
    case $_option in
      --fast) ;;
      --skip-umount) _umount=no ;;
      *) complain "Invalid option $_option"; return 20 ;;
    esac
  done
  is_running || { complain 'Container is not running'; return 0; }
  run_script "$ct.stop" || return 79
  say 'Stopping container ...'
  wait_for stop-seconds
  if [ -f "$state/$ct.stop-exit" ]; then
    complain 'Unable to stop container: operation timed out'
    return "$(fault stop-exit 33)"
  fi
  rm -f "$state/$ct.running"
  stop_writer
  say 'Container was stopped'
  [ $_umount = no ] || umount_filesystem
}

vz_mount() {
  ! is_mounted || { complain 'Container is already mounted'; return 0; }
  mount_filesystem
}

vz_umount() {
  ! is_running || { complain 'Container is running -- stop it first'; return 32; }
  is_mounted || { complain 'Container is not mounted'; return 40; }
  umount_filesystem
}

vz_exec() { vz_exec2 "$@" || return 8; }

# Where the container's files are: a ploop container's are seen in VE_ROOT only.
files() { if is_ploop; then printf '%s\n' "$root"; else printf '%s\n' "$private"; fi; }

# Nothing is entered: the command runs on this machine, in the container's root directory.
vz_exec2() {
  is_running || { complain 'Container is not running'; exit 31; }
  (cd "$(files)" && exec sh -c "$*")
}

# Only what is useful after a move: --onboot, --disabled, --name.
vz_set() {
  _save=no _new=
  while [ $# -gt 0 ]; do
    case $1 in
      --save) _save=yes; shift; continue ;;
      --onboot | --disabled)
        case ${2-} in yes | no) ;; *) complain "Bad parameter for $1: ${2-}"; return 21 ;; esac ;;
      --name)
        case ${2-} in '' | *[!A-Za-z0-9\ +_.-]*) complain "Bad parameter for $1: ${2-}"; return 21 ;; esac ;;
      *) complain "vzctl: unrecognized option '$1'"; return 20 ;;
    esac
    _key=$(printf '%s' "${1#--}" | tr '[:lower:]' '[:upper:]')
    _new="$_new$_key=\"$2\"
"
    shift 2
  done
  if [ $_save = no ]; then
    complain 'WARNING: Settings were not saved and will be lost at CT restart (use --save flag)'
    return 0
  fi
  printf '%s' "$_new" | while IFS= read -r _line; do
    [ "${_line%%=*}" != NAME ] || link_name "$_line" || exit 131
    save_line "$_line"
  done || return $?
  say "CT configuration saved to $conf"
}

link_name() {
  _name=${1#*\"}
  _name=${_name%\"}
  _old=${v_NAME-}
  if [ -L "$namesdir/$_name" ] && [ "$(container_id "$_name")" != "$ct" ]; then
    complain "Conflict: name $_name already used by CT $(container_id "$_name")"
    return 131
  fi
  [ -z "$_old" ] || rm -f "$namesdir/$_old"
  ln -sf "$conf" "$namesdir/$_name"
}

# The first line that starts in column one with KEY= is replaced, else the line is appended.
save_line() {
  awk -v new="$1" -v key="${1%%=*}=" '
    !done && index($0, key) == 1 { print new; done = 1; next } { print }
    END { if (!done) print new }' "$conf" >"$conf.tmp" && mv "$conf.tmp" "$conf"
}

vz_destroy() {
  ! is_running || { say 'Container is currently running. Stop it first.'; return 32; }
  ! is_mounted || { say 'Container is currently mounted (umount first)'; return 41; }
  _result=0
  say "Destroying container private area: $private"
  mkdir -p "$base/vztmp"
  # A private area that is a mount point of its own cannot be renamed; the config goes all the same.
  if mountpoint -q "$private" || ! mv "$private" "$base/vztmp/$ct.$$"; then _result=52; fi
  rm -rf "$base/vztmp/$ct.$$" "$dump"
  _name=${v_NAME-}
  [ -z "$_name" ] || rm -f "$namesdir/$_name"
  for _file in "$conf" "$confdir/$ct".*mount "$confdir/$ct.start" "$confdir/$ct.stop"; do
    [ ! -f "$_file" ] || mv "$_file" "$_file.destroyed"
  done
  rmdir "$root" 2>/dev/null
  [ $_result -ne 0 ] || say 'Container private area was destroyed'
  return $_result
}

start_writer() {
  : >"$state/$ct.writing"
  setsid "$here/../lib/writer" "$state" "$ct" "$(files)" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
}

# It finishes its pair, as a service that is halted does.
stop_writer() {
  _waits=0
  while [ -f "$state/$ct.writing" ] && [ $_waits -lt 200 ]; do
    sleep 0.02
    _waits=$((_waits + 1))
  done
  rm -f "$state/$ct.writing"
}

# Part of the guard: vzctl's lock, and the guard's own. shellcheck sees each part alone.
# shellcheck disable=SC2034,SC2154

# As vzctl does it: a file with the pid, made by link(2), stale when the process is gone or nobody has buried it yet.
# take_lock FILE: 1 when a living process $holder has it, 2 when nothing can be written there
take_lock() {
  holder='?'
  echo $$ 2>/dev/null >"$state.$$" || { rm -f "$state.$$"; return 2; }
  if ln "$state.$$" "$1" 2>/dev/null || break_lock "$1"; then
    rm -f "$state.$$"
    return 0
  fi
  rm -f "$state.$$"
  return 1
}
break_lock() {
  read -r holder 2>/dev/null <"$1" || holder=
  case $holder in
    '' | *[!0-9]*) return 1 ;;
    *) ! alive "$holder" || return 1 ;;
  esac
  # Taken away by rename, so that of two that find it stale only one goes on.
  mv "$1" "$state.$$.stale" 2>/dev/null || return 1
  read -r other <"$state.$$.stale" || other=
  [ "$other" = "$holder" ] || ln "$state.$$.stale" "$1" 2>/dev/null
  rm -f "$state.$$.stale"
  ln "$state.$$" "$1" 2>/dev/null
}
unlock() { [ -z "$has_lock" ] || rm -f "$lock"; has_lock=; }
drop_locks() { unlock; rm -f "$state.lck"; }

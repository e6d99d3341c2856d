# Takes back what /.vz2osctl/guest-fix of the tree says, the last change first. What somebody has changed since stays, and is said.
# shellcheck disable=SC2154
n_restored=0 n_failed=0

report() {
  printf 'undo %s%s\n' "$1" "${2:+ $2}"
  printf '%s%s\n' "$1" "${2:+: $2}" >&2
}

is_plain() { [ -f "$1" ] && [ ! -h "$1" ]; }
is_there() { [ -e "$1" ] || [ -h "$1" ]; }

# It is what was written, as far as that is known.
untouched() {
  is_plain "$store/$n.sum" || return 0
  is_plain "./$name" && [ "$(cksum <"./$name")" = "$(cat "$store/$n.sum")" ] && return
  failed "it has been changed since; what it was is kept as /.vz2osctl/guest-fix/$n"
  return 1
}

back_changed() {
  is_there "$store/$n" || return 0
  ! is_there "./$name" || untouched && try mv -f "$store/$n" "./$name"
}

back_removed() {
  is_there "$store/$n" || return 0
  if is_there "./$name"; then failed "there is a new one; the old one is kept as /.vz2osctl/guest-fix/$n"; return 1; fi
  try mv -f "$store/$n" "./$name"
}

back_created() {
  if [ ! -h "./$name" ] && [ -d "./$name" ]; then
    # What was put there since stays.
    rmdir "./$name" 2>/dev/null || :
  elif is_there "./$name"; then
    untouched && try rm -f "./$name"
  fi
}

# One change; its note goes last, so that a run that was killed can be repeated.
take_back() {
  why=''
  read -r kind path <"$store/$n.what" || { failed 'no path'; return 1; }
  if ! split "$path" || ! enter "$dir"; then
    [ -n "$why" ] || failed 'its directory is gone'
    return 1
  fi
  case $kind in
    changed) back_changed ;;
    removed) back_removed ;;
    created) back_created ;;
    *) failed "unknown kind of change" ;;
  esac || return 1
  [ -z "$why" ] || return 1
  ! is_plain "$store/$n.time" || touch -r "$store/$n.time" . 2>/dev/null || :
  try rm -f "$store/$n.time" "$store/$n.sum" "$store/$n.what"
}

path_for_people() {
  printf %s "/$path" | tr -c '\040-\176' '?'
}

# The time of the tree's root cannot be kept in a file while that file's directory goes away.
leave() {
  long='' seconds=''
  ! is_plain "$store/root.time" || IFS=/ read -r long seconds <"$store/root.time" || :
  cd -P "$store" && rm -f ./root.time ./new ./new.what && cd .. && rmdir ./guest-fix && cd .. && rmdir ./.vz2osctl || return 0
  touch -d "$long" . 2>/dev/null || touch -d "@$seconds" . 2>/dev/null || :
}

end() {
  printf 'end %s restored, %s failed\n' "$n_restored" "$n_failed"
  [ "$n_failed" -eq 0 ]
  exit
}

enter .vz2osctl/guest-fix || { [ -z "$why" ] || { report "$why"; n_failed=1; }; end; }
store=$PWD
n=0
for note in ./*.what; do
  number=${note#./}
  number=${number%.what}
  case $number in '' | *[!0-9]* | ??????*) continue ;; esac
  [ "$number" -le "$n" ] || n=$number
done
while [ "$n" -gt 0 ]; do
  if is_plain "$store/$n.what"; then
    path=''
    if take_back; then
      n_restored=$((n_restored + 1))
      report "$(path_for_people)" restored
    else
      n_failed=$((n_failed + 1))
      report "$(path_for_people)" "failed: $why"
    fi
  fi
  n=$((n - 1))
done
[ "$n_failed" -ne 0 ] || leave
end

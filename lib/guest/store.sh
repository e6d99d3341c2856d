# What is needed to take all back: in /.vz2osctl/guest-fix of the tree, for the change N its kind and path (N.what), what was there
# before (N), the time of the directory (N.time), and a sum of what was written (N.sum), written down before the change is made.
# shellcheck disable=SC2034,SC2154
store='' n=0 changes='' kept=''

open_store() {
  [ -z "$store" ] || return 0
  cd -P "$root/" || return 1
  root_time=''
  if [ ! -e ./.vz2osctl ] && [ ! -h ./.vz2osctl ]; then
    root_time=$(stat -c %y . 2>/dev/null) && root_time=$root_time/$(stat -c %Y . 2>/dev/null)
  fi
  for part in .vz2osctl guest-fix; do
    if [ -h "./$part" ]; then failed "$part in the tree is a symbolic link"; return 1; fi
    [ -d "./$part" ] || try mkdir -m 700 "./$part" || return 1
    cd -P "./$part" || return 1
  done
  case $PWD in "$root/.vz2osctl/guest-fix") ;; *) failed '/.vz2osctl cannot be entered'; return 1 ;; esac
  store=$PWD
  [ -z "$root_time" ] || { printf '%s\n' "$root_time" >"$store/root.time"; } 2>/dev/null || :
}

taken() {
  for ending in '' .what .time .sum; do
    if [ -e "$store/$1$ending" ] || [ -h "$store/$1$ending" ]; then return 0; fi
  done
  return 1
}

# A fresh place for the new content of a file.
fresh() {
  open_store && try rm -f "$store/new" "$store/new.what"
}

# begin KIND PATH: writes down what is about to be done. Then the working directory is that of the path.
begin() {
  open_store || return 1
  n=$((n + 1))
  while taken "$n"; do n=$((n + 1)); done
  if ! split "$2" || ! enter "$dir"; then
    [ -n "$why" ] || failed "/$2 is gone"
    return 1
  fi
  try write_down "$1" "$2"
}

write_down() {
  printf '%s %s\n' "$1" "$2" >"$store/new.what" && touch "$store/$n.time" && touch -r . "$store/$n.time" &&
    mv -f "$store/new.what" "$store/$n.what"
}

# The change is made.
changed() {
  changes="$changes /$1"
}

# Nothing is to be done here, since it is so already.
keep() {
  kept="$kept /$1"
}

# The changes that a fix is made of. Each is written down before it is made, and a file is replaced by a rename.
# shellcheck disable=SC2154

# edit PATH FILTER...: the file becomes what the filter makes of it. Fails when it is so already, or is not there.
edit() {
  path=$1
  shift
  plain "$path" || return 1
  sum=$("$@" <"./$name" 2>/dev/null | cksum)
  [ "$sum" != "$(cksum <"./$name")" ] || return 1
  fresh && split "$path" && enter "$dir" && try cp -p "./$name" "$store/new" || return 1
  if ! message=$({ "$@" <"./$name" >"$store/new"; } 2>&1) || [ "$sum" != "$(cksum <"$store/new")" ]; then
    failed "/$path cannot be written anew${message:+ ($(printf %s "$message" | tr -c '\040-\176' ' ' | cut -c 1-200))}"
    return 1
  fi
  replace "$path"
}

# The file becomes $store/new. A second link keeps the old one as it is, with its times; on another file system a copy does.
replace() {
  begin changed "$1" || return 1
  ln "./$name" "$store/$n" 2>/dev/null || try cp -p "./$name" "$store/$n" || return 1
  put "$1"
}

put() {
  try mv -f "$store/new" "./$name" || return 1
  [ -h "./$name" ] || { cksum <"./$name" >"$store/$n.sum"; } 2>/dev/null || :
  changed "$1"
}

# write PATH TEXT: a file with this text, of root, for all to read.
write() {
  if there "$1"; then
    plain_here "$1" || return 1
    [ "$(cat "./$name")" != "$2" ] || { keep "$1"; return 0; }
  fi
  fresh && try write_text "$2" || return 1
  if there "$1"; then replace "$1"; else begin created "$1" && put "$1"; fi
}

write_text() { printf '%s\n' "$1" >"$store/new" && chmod 644 "$store/new"; }

# link TARGET PATH: a symbolic link in the place of nothing or of a file. One that is there stays, wherever it leads.
link() {
  if there "$2"; then
    if [ -h "./$name" ]; then keep "$2"; return 0; fi
    plain_here "$2" || return 1
  fi
  fresh && try ln -s "$1" "$store/new" || return 1
  if there "$2"; then replace "$2"; else begin created "$2" && put "$2"; fi
}

# remove PATH: moves it away, whatever it is. Fails when it is not there.
remove() {
  there "$1" && begin removed "$1" && try mv -f "./$name" "$store/$n" && changed "$1"
}

# make_directory PATH, with those above it.
make_directory() {
  made='' left=$1
  while [ -n "$left" ]; do
    made=${made:+$made/}${left%%/*}
    case $left in */*) left=${left#*/} ;; *) left='' ;; esac
    if there "$made"; then
      if [ -h "./$name" ] || [ ! -d "./$name" ]; then obstacle "/$made is not a directory"; return 1; fi
    else
      [ -z "$why" ] && begin created "$made" && try mkdir "./$name" || return 1
      changed "$made"
    fi
  done
}

# names DIR PATTERN: the names there that match, a word each; others than usual ones are left alone.
names() {
  enter "$1" || return 1
  for entry in ./*; do
    entry=${entry#./}
    case $entry in *[!A-Za-z0-9_.:@-]*) continue ;; esac
    # What is left of a name without the pattern is nothing when it matches.
    # shellcheck disable=SC2295
    [ -n "${entry##$2}" ] || echo "$entry"
  done
}

# remove_all DIR PATTERN: what has such a name there.
remove_all() {
  enter "$1" || return 1
  for found in $(names "$1" "$2"); do remove "$1/$found"; done
}

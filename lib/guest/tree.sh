# Ways through the tree. Links are never followed, neither those that lead out of it nor others, and nothing but directories
# and regular files is opened. What is done is done in the working directory, which a link cannot move away.
# A part: others set and use its variables.
# shellcheck disable=SC2034,SC2154
why='' lenient=''

failed() {
  case "; $why; " in *"; $1; "*) ;; *) why=${why:+$why; }$1 ;; esac
}

# Runs a command; what it says on stderr becomes the reason why the fix fails.
try() {
  message=$("$@" 2>&1 </dev/null) && return
  failed "$(printf %s "$message" | tr -c '\040-\176' ' ' | cut -c 1-200)"
  return 1
}

# For places that are links in some guests, such as /lib: a link there is as if nothing were there.
leniently() {
  lenient=yes
  "$@"
  status=$?
  lenient=''
  return $status
}

# obstacle WHAT: the tree is not as it has to be.
obstacle() {
  [ -n "$lenient" ] || failed "$1"
  return 1
}

# $dir and $name of a path, which is relative to the tree.
split() {
  case "/$1/" in *//* | */./* | */../*) failed 'a path that leads out'; return 1 ;; esac
  case $1 in
    */*) dir=${1%/*} name=${1##*/} ;;
    *) dir='' name=$1 ;;
  esac
}

# enter DIR: makes it the working directory, or fails.
enter() {
  cd -P "$root/" 2>/dev/null || { failed 'the tree is gone'; return 1; }
  here=$root rest=$1
  while [ -n "$rest" ]; do
    part=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest='' ;; esac
    step=${here#"$root"}/$part
    if [ -h "./$part" ]; then obstacle "$step is a symbolic link"; return 1; fi
    [ -e "./$part" ] || return 1
    [ -d "./$part" ] || { obstacle "$step is not a directory"; return 1; }
    here=$here/$part
    if ! cd -P "./$part" 2>/dev/null || [ "$PWD" != "$here" ]; then obstacle "$step cannot be entered"; return 1; fi
  done
}

# there PATH: something of this name is there. Its directory becomes the working directory, and $name its name in there.
there() {
  split "$1" && enter "$dir" && { [ -e "./$name" ] || [ -h "./$name" ]; }
}

# plain PATH: a file is there that can be worked on; else as above.
plain() {
  there "$1" && plain_here "$1"
}

plain_here() {
  if [ -h "./$name" ]; then obstacle "/$1 is a symbolic link"; return 1; fi
  [ -f "./$name" ] || { obstacle "/$1 is not a regular file"; return 1; }
  [ -z "$(find "./$name" -prune -size +2048)" ] || { obstacle "/$1 is larger than 1 MiB"; return 1; }
}

# holds PATH PATTERN: the file has a line that matches.
holds() {
  plain "$1" && grep -Eq -e "$2" "./$name"
}

directory() {
  there "$1" && [ -d "./$name" ] && [ ! -h "./$name" ]
}

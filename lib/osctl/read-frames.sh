# Part of scripts that read frames. shellcheck sees each part alone.
# shellcheck disable=SC2154
# Frames on stdin: 16 bytes with a word and a size, then so many bytes. They set: limit, the seconds without input after which the
# other end counts as dead.

# coreutils' head takes no byte more than it is told to.
frame() {
  header=$(timeout "$limit" head -c 16) && [ ${#header} -eq 15 ] || return 1
  kind=${header%% *} size=${header##* }
}
bytes() { timeout "$limit" head -c "$size"; }

payload() {
  while frame; do
    case $kind in
      data) bytes || return 1 ;;
      keep) ;;
      end) return 0 ;;
      *) return 1 ;;
    esac
  done
  return 1
}

# Both ends have to succeed, and POSIX sh has no pipefail.
feed() {
  ends=$({ { payload; echo "$?" >&3; } | { "$@" >&2 3>&-; echo "$?" >&3; }; } 3>&1)
  # An end that was killed has said nothing.
  # shellcheck disable=SC2086
  (set -- $ends; [ "$*" = '0 0' ])
}

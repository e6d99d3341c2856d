# Each fix in turn, with a line on stdout for programs and one on stderr for people. The line `end` is the last one.
# shellcheck disable=SC2034,SC2154
n_applied=0 n_already=0 n_none=0 n_skipped=0 n_failed=0

report() {
  printf 'fix %s %s%s\n' "$1" "$2" "${3:+ $3}"
  printf '%s: %s%s\n' "$1" "$2" "${3:+: $3}" >&2
}

# apply ID: runs fix_ID.
apply() {
  why='' changes='' kept='' lenient=''
  "fix_$(printf %s "$1" | tr - _)"
  changes=${changes# } kept=${kept# }
  if [ -n "$why" ]; then
    report "$1" failed "$why${changes:+ (done: $changes)}"
    n_failed=$((n_failed + 1))
  elif [ -n "$changes" ]; then
    report "$1" applied "$changes"
    n_applied=$((n_applied + 1))
  elif [ -n "$kept" ]; then
    report "$1" already "$kept"
    n_already=$((n_already + 1))
  else
    report "$1" not-needed
    n_none=$((n_none + 1))
  fi
}

skip() {
  report "$1" skipped
  n_skipped=$((n_skipped + 1))
}

finish() {
  printf 'end %s applied, %s already, %s not-needed, %s skipped, %s failed\n' \
    "$n_applied" "$n_already" "$n_none" "$n_skipped" "$n_failed"
  [ "$n_failed" -eq 0 ]
  exit
}

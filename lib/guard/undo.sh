# Part of the guard: what is ended and undone before it goes. shellcheck sees each part alone.
# shellcheck disable=SC2154

# Ends what reads on the node for the other end (see reader.ts). When the link has gone silent, such a process waits in
# write(2) for as long as sshd keeps the connection, for hours, and keeps a snapshot or a mount busy. Its shell leads a
# process group (sshd has seen to that, or our own end) and is known by its command line, since pids are used again.
end_readers() {
  # From here on none begins. Not `:`, a special builtin: its failed redirection would end the shell.
  true >"$state/closed"
  for reader in "$state"/reader-*; do
    if read -r pid 2>/dev/null <"$reader" && grep -qF "$reader" "/proc/$pid/cmdline" 2>/dev/null; then
      kill -s KILL -- "-$pid" 2>/dev/null || kill -s KILL "$pid" 2>/dev/null
    fi
  done
}

# Undoes what was noted, the last first. What cannot be undone stays noted for the next guard, and keeps nothing else from
# being undone. A snapshot is busy for as long as a reader of it is dying, so there are several tries.
undo_all() {
  [ -s "$state/undo" ] || return 0
  kept=0
  line=$(wc -l <"$state/undo")
  while [ "$line" -gt 0 ]; do
    undo=$(sed -n "${line}p" "$state/undo")
    if undo_one; then
      sed "${line}d" "$state/undo" >"$state/undo.rest" && mv "$state/undo.rest" "$state/undo" || kept=1
    else
      say "left $undo"
      kept=1
    fi
    line=$((line - 1))
  done
  return "$kept"
}
undo_one() {
  tries=0
  until run sh -c "$undo"; do
    tries=$((tries + 1))
    [ "$tries" -lt $((pause * 4)) ] || return 1
    sleep 1
  done
}

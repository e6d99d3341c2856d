# There is no terminal but the console: a getty elsewhere is started again and again.
fix_inittab_console() {
  holds etc/inittab '^[^#]*:sysinit:' || return
  fields='^[^#:]*:[^:]*:respawn:.*getty'
  on_console=$(grep "$fields" ./inittab | grep -Ec '[[:space:]]console([[:space:]]|$)')
  # What is added where no getty is active.
  if has agetty; then line='/sbin/agetty 38400 console'
  elif has getty; then line='/sbin/getty 38400 console'
  elif has mingetty; then line='/sbin/mingetty console'
  else line=''; fi
  if [ -n "$line" ]; then
    if holds etc/inittab '^::'; then line=console::respawn:$line; else line=co:2345:respawn:$line; fi
  fi
  # shellcheck disable=SC2016
  edit etc/inittab awk -F: -v have="$on_console" -v line="$line" '
    /^#/ || $3 != "respawn" || !/getty/ { print; next }
    /[ \t]console([ \t]|$)/ { if (kept++) print "#" $0; else print; next }
    !/(^|[ \t\/])tty[0-9]+([ \t:]|$)/ { print; next }
    !have && !kept++ { gsub(/tty[0-9]+/, "console"); print; next }
    { print "#" $0 }
    END { if (!kept && line != "") print line }' || ! holds etc/inittab "$fields" || keep etc/inittab
}

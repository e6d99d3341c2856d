# By these a container told vzctl that it had started, or that it was to be started again.
fix_start_marks() {
  leniently edit etc/inittab sed -e '/^vz:[0-9]*:once:touch \/\.vzfifo/d'
  remove .vzfifo
  leniently remove etc/event.d/vz_init_done
  leniently remove etc/init/vz_init_done.conf
  for levels in etc/rc.d etc; do leniently remove "$levels/rc6.d/S00vzreboot"; done
  for file in reboot fastboot; do
    # shellcheck disable=SC2154
    if leniently plain "$file" && [ ! -s "./$name" ]; then remove "$file"; fi
  done
}

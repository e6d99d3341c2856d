# A getty on the console, and none on terminals that are not there: those of vzctl and of the distribution.
fix_upstart_console() {
  if uses_upstart; then
    jobs=etc/init suffix=.conf events='start on stopped rc RUNLEVEL=[2345]
stop on runlevel [!2345]'
  elif uses_old_upstart; then
    jobs=etc/event.d suffix='' events='start on stopped rc2
start on stopped rc3
start on stopped rc4
start on stopped rc5
stop on runlevel 0
stop on runlevel 1
stop on runlevel 6'
  else return; fi
  for job in $(names "$jobs" "tty[0-9]$suffix"); do
    if leniently holds "$jobs/$job" '^[^#]*getty'; then remove "$jobs/$job"; fi
  done
  if leniently holds "$jobs/console$suffix" '^[^#]*getty.*console'; then
    keep "$jobs/console$suffix"
    return
  fi
  if has agetty; then getty='/sbin/agetty 38400'
  elif has getty; then getty='/sbin/getty 38400'
  elif has mingetty; then getty=/sbin/mingetty
  else
    failed 'no getty is there'
    return
  fi
  write "$jobs/console$suffix" "# The console is the only terminal of a container.
$events
respawn
exec $getty console"
}

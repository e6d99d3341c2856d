# Upstart makes an event of SIGPWR; somebody has to hear it.
fix_upstart_powerfail() {
  if uses_upstart; then jobs=etc/init suffix=.conf
  elif uses_old_upstart; then jobs=etc/event.d suffix=''
  else return; fi
  for job in $(names "$jobs" '*'); do
    if leniently holds "$jobs/$job" '^[[:space:]]*start on power-status-changed'; then
      keep "$jobs/$job"
      return
    fi
  done
  write "$jobs/power-status-changed$suffix" '# How the node stops a container: SIGPWR.
start on power-status-changed
exec /sbin/shutdown -h now SIGPWR'
}

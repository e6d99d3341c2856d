# Its unit asks for a value that a user namespace may not set, and is then not started.
fix_dbus_oom() {
  holds etc/debian_version '^8' && leniently holds lib/systemd/system/dbus.service '^OOMScoreAdjust=-' || return
  make_directory etc/systemd/system/dbus.service.d && write etc/systemd/system/dbus.service.d/oom-score.conf '[Service]
OOMScoreAdjust=0'
}

# With it journald keeps the journal on the disk: /run is lost with every stop.
fix_journal_directory() {
  uses_systemd && directory var/log || return
  if directory var/log/journal; then keep var/log/journal; else make_directory var/log/journal; fi
}

# What templates for OpenVZ change in journald and logind, which run as they are here.
fix_systemd_overrides() {
  for unit in systemd-journald systemd-logind; do
    remove_all "etc/systemd/system/$unit.service.d" '*.conf'
    remove "etc/systemd/system/$unit.service"
  done
}

# A container is told to stop by SIGPWR, upon which init runs the lines for a power failure.
fix_inittab_powerfail() {
  # The init of BusyBox has neither runlevels nor such lines.
  if ! holds etc/inittab '^[^#]*:sysinit:' || grep -q '^::' ./inittab; then return; fi
  # shellcheck disable=SC2016
  edit etc/inittab awk -F: '
    $0 == "pf::powerwait:/sbin/halt" { ours = 1; print; next }
    !/^#/ && $3 ~ /^power(wait|fail|failnow)$/ { $0 = "#" $0 }
    { print }
    END { if (!ours) print "pf::powerwait:/sbin/halt" }' || keep etc/inittab
}

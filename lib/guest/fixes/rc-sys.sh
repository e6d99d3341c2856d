# What OpenRC leaves out at boot depends on it.
fix_rc_sys() {
  holds etc/rc.conf '^[[:space:]]*rc_sys=' || return
  edit etc/rc.conf sed -e 's/^[[:space:]]*rc_sys=.*/rc_sys="lxc"/' || keep etc/rc.conf
}

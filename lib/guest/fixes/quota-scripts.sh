# They make a device node for the quota of OpenVZ and a false /etc/mtab, and turn on a quota that is not there.
fix_quota_scripts() {
  for directory in etc/rc.d/init.d etc/init.d etc/runlevels/default etc/insserv/overrides etc/rc.d; do
    leniently remove "$directory/vzquota"
  done
  for level in 0 1 2 3 4 5 6 S; do
    for directory in etc/rc.d etc; do leniently remove_all "$directory/rc$level.d" '[SK][0-9][0-9]vzquota'; done
  done
  if leniently holds etc/rc.d/rc.quota 'quotaon -aug'; then
    remove etc/rc.d/rc.quota
    edit etc/rc.d/rc.local sed -e '/^\/etc\/rc\.d\/rc\.quota start$/d'
  fi
  leniently edit etc/rc.conf sed -e '/^[[:space:]]*DAEMONS=(/s/[[:space:]]*"\{0,1\}@\{0,1\}vzquota"\{0,1\}//'
  remove aquota.user
  remove aquota.group
}

# vzctl makes a venet of every eth in rc.inet1, and two commands of the one for the default route.
fix_venet_slackware() {
  leniently holds etc/rc.d/rc.inet1 venet || return
  # shellcheck disable=SC2016
  edit etc/rc.d/rc.inet1 sed \
    -e 's|/sbin/route add -net [0-9./]* dev venet0; */sbin/route add default gw ${GATEWAY} dev venet0|/sbin/route add default gw ${GATEWAY} metric 1|' \
    -e 's/venet/eth/g'
}

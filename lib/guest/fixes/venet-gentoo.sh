# The settings and services of netifrc, and those of Funtoo.
fix_venet_gentoo() {
  # A value may go on over several lines, in brackets or quotes.
  # shellcheck disable=SC2016
  edit etc/conf.d/net awk '
    function count(  text) {
      text = $0
      quotes += gsub(/"/, "", text)
      brackets += gsub(/\(/, "", text) - gsub(/\)/, "", text)
      drop = quotes % 2 || brackets > 0
    }
    !drop && /^[ \t]*[a-z_0-9]+_venet0(_[0-9]+)?=/ { quotes = brackets = 0; count(); next }
    drop { count(); next }
    { print }'
  for service in net.venet0 netif.venet0; do
    for level in etc/runlevels/default etc/runlevels/boot etc/init.d; do remove "$level/$service"; done
  done
  remove etc/conf.d/netif.venet0
}

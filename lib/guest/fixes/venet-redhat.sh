# ifcfg-venet0, its aliases and routes, and the default route over it.
fix_venet_redhat() {
  for files in 'ifcfg-venet0*' 'route-venet0*' 'route6-venet0*'; do
    remove_all etc/sysconfig/network-scripts "$files"
  done
  edit etc/sysconfig/network sed -e '/^[[:space:]]*GATEWAYDEV="\{0,1\}venet0/d' -e '/^[[:space:]]*IPV6_DEFAULTDEV="\{0,1\}venet0/d' \
    -e '/^[[:space:]]*GATEWAY="\{0,1\}191\.255\.255\.1"\{0,1\}[[:space:]]*$/d' \
    -e '/^[[:space:]]*GATEWAY="\{0,1\}192\.0\.2\.1"\{0,1\}[[:space:]]*$/d'
}

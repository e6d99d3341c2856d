# The interface's directory of etcnet, which ALT Linux has.
fix_venet_etcnet() {
  ! directory etc/net/ifaces/venet0 || remove etc/net/ifaces/venet0
}

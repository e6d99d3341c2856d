# ifcfg-venet0 with its aliases, and routes over it.
fix_venet_suse() {
  remove_all etc/sysconfig/network 'ifcfg-venet0*'
  remove_all etc/sysconfig/network 'ifroute-venet0*'
  edit etc/sysconfig/network/routes sed -e '/^[^#]*[[:space:]]venet0[[:space:]]/d' -e '/^[^#]*[[:space:]]venet0$/d'
}

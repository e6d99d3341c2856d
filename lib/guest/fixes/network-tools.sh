# osctld writes the file of ifupdown; somebody has to act on it. Nothing can be installed from here.
fix_network_tools() {
  directory etc/network && ! has netplan || return
  has ifup || failed 'ifup is not there: install the package ifupdown'
  has ip || failed 'ip is not there: install the package iproute'
}

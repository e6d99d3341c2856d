# It has the kernel repeat the events of all devices of the node, and the container waits for them.
fix_udev_trigger() {
  uses_systemd || return
  unit=etc/systemd/system/systemd-udev-trigger.service
  # What somebody has put there stays.
  if there "$unit"; then keep "$unit"; else make_directory etc/systemd/system && link /dev/null "$unit"; fi
}

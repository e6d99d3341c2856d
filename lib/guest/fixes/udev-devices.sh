# Device nodes that scripts of udev copy to /dev, which a user namespace may not do. (Those in /dev are hidden by the node's own.)
fix_udev_devices() {
  for devices in lib/udev/devices etc/udev/devices; do
    if leniently directory "$devices" && [ -n "$(names "$devices" '*')" ]; then
      remove "$devices" && make_directory "$devices"
    fi
  done
}

# udev makes device nodes and waits for events of the kernel: a user namespace has neither.
fix_start_udev() {
  for file in etc/rc.d/rc.sysinit etc/rc.sysinit; do
    leniently plain "$file" || continue
    # A command that does nothing stands before it, so that no branch of the script is empty.
    edit "$file" sed -e 's|^\([[:space:]]*\)/sbin/start_udev|\1: /sbin/start_udev|' \
      -e 's|^\([[:space:]]*[^#[:space:]].*&&[[:space:]]*\)/sbin/start_udev|\1: /sbin/start_udev|' ||
      ! leniently holds "$file" ': /sbin/start_udev' || keep "$file"
  done
}

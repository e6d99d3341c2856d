# A list that nobody writes any more shows the mounts of the OpenVZ node for ever.
fix_mtab() {
  ! there etc/mtab || link /proc/mounts etc/mtab
}

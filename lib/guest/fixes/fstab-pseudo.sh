# The node mounts them; once more, and with the rights of a container, fails.
fix_fstab_pseudo() {
  # shellcheck disable=SC2016
  edit etc/fstab awk '
    !/^[ \t]*#/ && ($2 == "/dev/pts" && $3 == "devpts" || $2 == "/dev/shm" && $3 == "tmpfs") { $0 = "#" $0 }
    { print }' || ! holds etc/fstab '^#.*[[:space:]]/dev/(pts|shm)[[:space:]]' || keep etc/fstab
}

# The root filesystem is mounted before init starts, and what it was on an OpenVZ node is not there any more.
fix_fstab_root() {
  # shellcheck disable=SC2016
  edit etc/fstab awk '
    !/^[ \t]*#/ && $2 == "/" && ($1 ~ /^(\/dev\/)?(simfs|vzfs)$/ || $1 ~ /^\/dev\/ploop/ || $3 ~ /^(simfs|vzfs)$/) { $0 = "#" $0 }
    { print }' || ! holds etc/fstab '^#.*(simfs|vzfs|/dev/ploop)' || keep etc/fstab
}

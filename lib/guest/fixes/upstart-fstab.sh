# mountall waits for these, and no user namespace may mount them.
fix_upstart_fstab() {
  leniently plain lib/init/fstab || return
  # shellcheck disable=SC2016
  edit lib/init/fstab awk '
    !/^#/ && ($2 ~ /\/binfmt_misc$/ || $3 == "binfmt_misc" || $3 == "debugfs") { $0 = "#" $0 }
    { print }' || ! holds lib/init/fstab '^#.*(binfmt_misc|debugfs)' || keep lib/init/fstab
}

# Profiles of netctl and of netcfg, and rc.conf of the time before them.
fix_venet_arch() {
  for profiles in etc/netctl etc/network.d; do remove_all "$profiles" 'venet0*'; done
  for units in etc/systemd/system etc/systemd/system/multi-user.target.wants; do remove_all "$units" 'netctl@venet0*'; done
  for file in etc/conf.d/netcfg etc/rc.conf; do
    edit "$file" awk '
      /^[ \t]*venet0(_[0-9]+)?=/ || /^[ \t]*rt_default=.*dev venet0/ { next }
      /^[ \t]*(INTERFACES|NETWORKS|ROUTES)=\(.*\)/ && /venet0|rt_default/ {
        gsub(/["\047]?venet0(_[0-9]+)?["\047]?[ \t]*/, "")
        gsub(/["\047]?rt_default["\047]?[ \t]*/, "")
        sub(/[ \t]+\)/, ")")
      }
      { print }'
  done
}

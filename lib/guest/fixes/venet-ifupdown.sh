# The file of ifupdown, and what vzctl and osctld put it together of.
fix_venet_ifupdown() {
  for file in etc/network/interfaces etc/network/interfaces.head etc/network/interfaces.tail; do
    # shellcheck disable=SC2016
    edit "$file" awk '
      function venet(name) { return name ~ /^venet0(:[0-9]+)?$/ }
      $1 == "iface" || $1 == "mapping" { drop = venet($2) }
      $1 ~ /^(source|source-directory|no-auto-down|no-scripts|rename)$/ { drop = 0 }
      $1 == "auto" || $1 ~ /^allow-/ {
        drop = 0
        others = ""
        found = 0
        for (i = 2; i <= NF; i++) if (venet($i)) found = 1; else others = others " " $i
        if (found && others == "") next
        if (found) $0 = $1 others
      }
      /^# Auto generated venet0 interface/ || (drop && !/^#/) { next }
      { print }'
  done
}

# vzctl has systemd start a getty on tty2, for `vzctl console`.
fix_systemd_getty() {
  wanted=etc/systemd/system/getty.target.wants/getty@tty2.service
  # shellcheck disable=SC2154
  if there "$wanted" && [ -h "./$name" ]; then remove "$wanted"; fi
}

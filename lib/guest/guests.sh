# What a guest is started by, as the node tells it: by what /sbin/init is.
# A part: others set and use its variables.
# shellcheck disable=SC2154
uses_systemd() {
  for init in sbin/init usr/sbin/init usr/bin/init; do
    leniently there "$init" || continue
    [ -h "./$name" ] || return 1
    case $(ls -l "./$name") in */systemd) return 0 ;; *) return 1 ;; esac
  done
  leniently there lib/systemd/systemd || leniently there usr/lib/systemd/systemd
}

# Guests that were upgraded still have the directories of what was there before.
uses_upstart() {
  ! uses_systemd && { plain etc/init/rc.conf || plain etc/init/rc-sysinit.conf; }
}

uses_old_upstart() {
  ! uses_systemd && plain etc/event.d/rc2
}

# has PROGRAM: in one of the directories of programs.
has() {
  for place in sbin bin usr/sbin usr/bin; do
    ! leniently there "$place/$1" || return 0
  done
  return 1
}

#!/bin/bash
# shellcheck disable=SC2154 # work and cache are set by run.sh
# start_guest, stop_guest, in_guest: a guest of build-guest.sh under qemu. Sourced; $cache holds the guest, $work is a
# scratch directory. Nothing of a run is left but what is in $work: the root filesystem of the guest lies in memory.

# Boots, waits until it answers, and puts an `ssh` that finds it as `guest` into $work/bin.
start_guest() {
  local port tries=0 until
  until { port=$((20000 + RANDOM % 10000)) && boot_guest "$port"; }; do
    tries=$((tries + 1))
    [ $tries -lt 5 ] || { cat "$work/qemu.err" >&2; echo 'qemu does not start' >&2; return 1; }
  done
  write_ssh "$port"
  until=$((SECONDS + ${E2E_BOOT_SECONDS:-240}))
  until grep -qa '^GUEST-READY' "$work/console"; do
    if grep -qaE '^GUEST-FAILED|Kernel panic' "$work/console" || [ $SECONDS -ge $until ] || ! guest_lives; then
      tail -n 20 "$work/console" >&2
      echo 'the guest does not come up' >&2
      return 1
    fi
    sleep 0.2
  done
  until timeout 30 "$work/bin/ssh" -o ConnectTimeout=15 root@guest true; do
    [ $SECONDS -lt $until ] || { echo 'the guest does not answer' >&2; return 1; }
    sleep 0.5
  done 2>"$work/ssh.err"
}

boot_guest() {
  local accelerate=(-accel "tcg,thread=multi,tb-size=256" -cpu max)
  # Some virtual machines have a /dev/kvm (kvm_pvm) in which no ordinary kernel boots.
  if [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo && [ ! -d /sys/module/kvm_pvm ]; then
    accelerate=(-accel kvm -cpu host)
  fi
  : >"$work/console"
  # acpi_pm: with the TSC, on a busy machine, the guest's clock was seen to run several times too fast.
  qemu-system-x86_64 -machine pc "${accelerate[@]}" -smp 2 -m 2560 -nodefaults -no-user-config -no-reboot -display none \
    -serial "file:$work/console" -kernel "$cache/vmlinuz" -initrd "$cache/root.cpio" \
    -append 'console=ttyS0 rdinit=/sbin/init quiet loglevel=3 panic=1 mitigations=off nokaslr audit=0 init_on_alloc=0 random.trust_cpu=on no_timer_check tsc=unstable clocksource=acpi_pm' \
    -netdev "user,id=net,hostfwd=tcp:127.0.0.1:$1-:22" -device virtio-net-pci,netdev=net,romfile= \
    -device virtio-rng-pci -daemonize -pidfile "$work/pid" 2>"$work/qemu.err"
}

# The host key was made when the guest was built, so that nothing has to be taken on trust.
write_ssh() {
  mkdir -p "$work/bin"
  printf '[127.0.0.1]:%s %s\n' "$1" "$(cut -d' ' -f1,2 "$cache/host-key.pub")" >"$work/known_hosts"
  install -m 600 "$cache/key" "$work/key"
  # aes128-ctr: what is left of ssh's speed without virtualisation by hardware.
  cat >"$work/ssh_config" <<END
Host guest
  HostName 127.0.0.1
  Port $1
  IdentityFile $work/key
  IdentitiesOnly yes
  UserKnownHostsFile $work/known_hosts
  Ciphers ^aes128-ctr
  LogLevel ERROR
END
  printf '#!/bin/sh\nexec %s -F %s/ssh_config "$@"\n' "$(command -v ssh)" "$work" >"$work/bin/ssh"
  chmod 755 "$work/bin/ssh"
}

guest_lives() { kill -0 "$(cat "$work/pid")" 2>/dev/null; }

# in_guest SCRIPT: runs it by sh, stopping at the first failure.
in_guest() { timeout "${E2E_STEP_SECONDS:-300}" "$work/bin/ssh" root@guest "set -eu; $1"; }

stop_guest() {
  local pid tries=0
  # qemu removes the file as it ends.
  pid=$(cat "$work/pid" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || return 0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null || :
}

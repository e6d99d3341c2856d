#!/bin/bash
# shellcheck disable=SC2154 # work and cache are set by run.sh
# start_guests, stop_guests, on_vz6, on_node: two guests of build-guest.sh under qemu, the old node and the new one. Each is
# reached over a port of this machine's loopback, and knows nothing of the other. Sourced; $cache holds what they boot, $work is
# a scratch directory. Nothing of a run is left but what is in $work: the root filesystem of a guest lies in memory.
guests='vz6 node'

# Boots both, waits until they answer, and puts an `ssh` that finds them into $work/bin.
start_guests() {
  local name
  write_ssh
  start_guest vz6 vz /vz
  start_guest node tank /node/tank
  for name in $guests; do await_guest "$name"; done
}

# start_guest NAME POOL MOUNTPOINT
start_guest() {
  local port tries=0
  until { port=$((20000 + RANDOM % 10000)) && boot_guest "$port" "$@"; }; do
    tries=$((tries + 1))
    [ $tries -lt 5 ] || { cat "$work/$1.qemu" >&2; echo 'qemu does not start' >&2; return 1; }
  done
  printf 'Host %s\n  Port %s\n' "$1" "$port" >>"$work/ssh_config"
}

boot_guest() {
  local port=$1 name=$2 pool=$3 mountpoint=$4
  local accelerate=(-accel "tcg,thread=multi,tb-size=256" -cpu max)
  # Some virtual machines have a /dev/kvm (kvm_pvm) in which no ordinary kernel boots.
  if [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo && [ ! -d /sys/module/kvm_pvm ]; then
    accelerate=(-accel kvm -cpu host)
  fi
  : >"$work/$name.console"
  # acpi_pm: with the TSC, on a busy machine, the guest's clock was seen to run several times too fast.
  qemu-system-x86_64 -machine pc "${accelerate[@]}" -smp 2 -m 2560 -nodefaults -no-user-config -no-reboot -display none \
    -serial "file:$work/$name.console" -kernel "$cache/vmlinuz" -initrd "$cache/root.cpio" \
    -append "console=ttyS0 rdinit=/sbin/init quiet loglevel=3 panic=1 mitigations=off nokaslr audit=0 init_on_alloc=0 random.trust_cpu=on no_timer_check tsc=unstable clocksource=acpi_pm guest_name=$name pool_name=$pool pool_mountpoint=$mountpoint" \
    -netdev "user,id=net,hostfwd=tcp:127.0.0.1:$port-:22" -device virtio-net-pci,netdev=net,romfile= \
    -device virtio-rng-pci -daemonize -pidfile "$work/$name.pid" 2>"$work/$name.qemu"
}

await_guest() {
  local console=$work/$1.console until=$((SECONDS + ${E2E_BOOT_SECONDS:-300}))
  until grep -qa '^GUEST-READY' "$console"; do
    if grep -qaE '^GUEST-FAILED|Kernel panic' "$console" || [ $SECONDS -ge $until ] || ! guest_lives "$1"; then
      tail -n 20 "$console" >&2
      echo "the guest $1 does not come up" >&2
      return 1
    fi
    sleep 0.2
  done
  until timeout 30 "$work/bin/ssh" -o ConnectTimeout=15 "root@$1" true; do
    [ $SECONDS -lt $until ] || { echo "the guest $1 does not answer" >&2; return 1; }
    sleep 0.5
  done 2>"$work/ssh.err"
}

# The host key was made when the guest was built, so that nothing has to be taken on trust. The first value of an option counts.
write_ssh() {
  mkdir -p "$work/bin"
  printf 'guests %s\n' "$(cut -d' ' -f1,2 "$cache/host-key.pub")" >"$work/known_hosts"
  install -m 600 "$cache/key" "$work/key"
  ssh-keygen -q -t ed25519 -N '' -C receive -f "$work/receive"
  # The cheapest key exchange, and aes128-ctr: what is left of ssh's speed without virtualisation by hardware.
  cat >"$work/ssh_config" <<END
Match originalhost node user osctl-ct-receive
  IdentityFile $work/receive
Match originalhost vz6,node !user osctl-ct-receive
  IdentityFile $work/key
Host vz6 node
  HostName 127.0.0.1
  HostKeyAlias guests
  IdentitiesOnly yes
  UserKnownHostsFile $work/known_hosts
  KexAlgorithms ^curve25519-sha256
  Ciphers ^aes128-ctr
  LogLevel ERROR
END
  printf '#!/bin/sh\nexec %s -F %s/ssh_config "$@"\n' "$(command -v ssh)" "$work" >"$work/bin/ssh"
  chmod 755 "$work/bin/ssh"
}

guest_lives() { kill -0 "$(cat "$work/$1.pid")" 2>/dev/null; }

# on_vz6 SCRIPT, on_node SCRIPT: runs it by sh, stopping at the first failure.
on_vz6() { timeout "${E2E_STEP_SECONDS:-300}" "$work/bin/ssh" root@vz6 "set -eu; $1"; }
on_node() { timeout "${E2E_STEP_SECONDS:-300}" "$work/bin/ssh" root@node "set -eu; $1"; }

stop_guests() {
  local name
  for name in $guests; do stop_guest "$name"; done
}

stop_guest() {
  local pid tries=0
  # qemu removes the file as it ends.
  pid=$(cat "$work/$1.pid" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || return 0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null || :
}

#!/bin/bash
# build-guest.sh CACHE: makes CACHE/vmlinuz and CACHE/root.cpio, a Debian guest with the real OpenZFS whose root
# filesystem lies in memory. Only Debian packages: Debian ships the source of zfs.ko (zfs-dkms, in contrib), which is
# built here in a chroot for the kernel of the guest, without dkms. Takes some minutes; a second run takes none.
# Needs root and 2 GB of disk. To get newer versions, remove CACHE.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cache=$(cd "$1" && pwd)
suite=bookworm
# shellcheck disable=SC1091 # shellcheck looks at it by itself
. "$here/debian.sh"

lock_cache

# The kernel, the modules that the guest needs, and zfs.ko: in CACHE/kernel.
build_kernel() {
  [ ! -s "$cache/kernel/release" ] || return 0
  local build=$cache/build release image
  say 'a chroot with a compiler and the kernel headers'
  # shellcheck disable=SC2016 # for the chroot's shell
  debootstrap_into "$suite" "$build" "$cache/build.log" --variant=apt \
    --include=gcc-12,make,libc6-dev,file,mawk,kmod,libelf1,linux-headers-cloud-amd64 \
    --customize-hook='chroot "$1" sh -c "cd /root && apt-get download linux-image-\$(ls /lib/modules) zfs-dkms"'
  release=$(ls "$build/lib/modules")
  dpkg-deb -x "$build"/root/zfs-dkms_*.deb "$build/root/zfs"
  dpkg-deb -x "$build"/root/linux-image-*.deb "$build/root/image"
  say "building zfs.ko for $release"
  chroot "$build" bash -ec "
    cd /root/zfs/usr/src/zfs-*
    ./configure --with-config=kernel --with-linux=/usr/src/linux-headers-${release%-cloud-amd64}-common \
      --with-linux-obj=/usr/src/linux-headers-$release CC=gcc-12
    make -j$(nproc)
    find module -name '*.ko' -exec strip -g {} +" >"$cache/module.log" 2>&1 ||
    fail "the module was not built, see $cache/module.log"

  rm -rf "$cache/kernel"
  image=$build/root/image
  mkdir -p "$cache/kernel/modules/extra"
  cp "$image/boot/vmlinuz-$release" "$cache/kernel/vmlinuz"
  cp "$image/lib/modules/$release"/modules.{builtin,builtin.modinfo,order} "$cache/kernel/modules/"
  (cd "$image/lib/modules/$release" && find kernel \( -name 'virtio*.ko' -o -name '*failover.ko' -o -path 'kernel/lib/*' \
    -o -path 'kernel/crypto/*' \) -print0 | cpio -0 -pdm --quiet "$cache/kernel/modules")
  find "$build"/root/zfs/usr/src/zfs-*/module -name '*.ko' -exec cp -t "$cache/kernel/modules/extra" {} +
  echo "$release" >"$cache/kernel/release"
  rm -rf "$build"
}

build_root() {
  local root=$cache/root release
  release=$(cat "$cache/kernel/release")
  say 'the root filesystem of the guest'
  debootstrap_into "$suite" "$root" "$cache/root.log" --variant=essential \
    --include=openssh-server,mount,busybox-static,zfsutils-linux,attr,libcap2-bin,kmod,procps,rsync,ruby
  mkdir -p "$root/lib/modules/$release"
  cp -r "$cache/kernel/modules/." "$root/lib/modules/$release/"
  depmod -b "$root" "$release"
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root/usr/share/zoneinfo"

  [ -s "$cache/key" ] || ssh-keygen -q -t ed25519 -N '' -C vz2osctl-e2e -f "$cache/key"
  install -d -m 700 "$root/root/.ssh"
  install -m 600 "$cache/key.pub" "$root/root/.ssh/authorized_keys"
  rm -f "$root"/etc/ssh/ssh_host_*
  ssh-keygen -q -t ed25519 -N '' -C guest -f "$root/etc/ssh/ssh_host_ed25519_key"
  cp "$root/etc/ssh/ssh_host_ed25519_key.pub" "$cache/host-key.pub"

  cp "$here/guest/sshd_config" "$root/etc/ssh/sshd_config"
  cp "$here/guest/inittab" "$root/etc/inittab"
  install -m 755 "$here/guest/boot" "$root/etc/guest-boot"
  install -m 755 "$here/guest/tree" "$root/opt/tree"
  echo 'options zfs zfs_arc_max=134217728' >"$root/etc/modprobe.d/zfs.conf"
  ln -sf /bin/busybox "$root/sbin/init"
  ln -sf /proc/self/mounts "$root/etc/mtab"
  printf '127.0.0.1 localhost guest\n' >"$root/etc/hosts"
  : >"$root/etc/fstab"
  (cd "$root" && find . -print0 | cpio -0 -o -H newc --quiet) >"$cache/root.cpio.part"
  cp "$cache/kernel/vmlinuz" "$cache/vmlinuz"
  mv "$cache/root.cpio.part" "$cache/root.cpio"
  rm -rf "$root"
}

install_tools mmdebstrap:mmdebstrap cpio:cpio depmod:kmod ssh-keygen:openssh-client qemu-system-x86_64:qemu-system-x86
stamp=$(cat "$here/build-guest.sh" "$here/debian.sh" "$here"/guest/* | sha256sum)
if [ "$(cat "$cache/stamp" 2>/dev/null)" = "$stamp" ] && [ -s "$cache/root.cpio" ]; then exit 0; fi
[ "$(id -u)" = 0 ] || fail 'the guest is not built yet, and only root can build it'
build_kernel
build_root
echo "$stamp" >"$cache/stamp"
say "built: $(du -h "$cache/root.cpio" | cut -f 1) in $cache"

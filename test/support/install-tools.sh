#!/bin/sh
# Installs the programs that the tests use as real parts, when one is missing and we are root on a Debian system.
# Otherwise it says loudly what is missing; the tests then skip what needs it.
set -eu
# program:package
NEEDED='ruby:ruby sshd:openssh-server ssh:openssh-client pigz:pigz igzip:isal rsync:rsync setcap:libcap2-bin getfattr:attr shellcheck:shellcheck mandoc:mandoc groff:groff-base man:man-db zsh:zsh zfs-fuse:zfs-fuse parallel:parallel busybox:busybox-static dash:dash jq:jq lzop:lzop'
missing=
for pair in $NEEDED; do
  PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing:$missing" >&2
  apt-get update -qq >&2
  # shellcheck disable=SC2086 # a list of package names
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >&2
else
  echo "WARNING: NOT INSTALLED:$missing; tests that need them WILL BE SKIPPED (run as root on Debian to install)" >&2
fi

#!/bin/bash
# shellcheck disable=SC2154 # cache is set by those who source it
# Packages of Debian, for this machine and for trees that are made in the cache. Sourced.
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

say() { printf '[%4d s] %s\n' "$SECONDS" "$*" >&2; }
fail() { echo "${0##*/}: $*" >&2; exit 1; }

# Two runs with the same cache wait for each other.
lock_cache() {
  exec 9>"$cache/.lock"
  flock 9
}

# install_tools PROGRAM:PACKAGE...
install_tools() {
  local pair missing=()
  for pair in "$@"; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || fail "not installed: ${missing[*]}, and only root may install them"
  say "installing ${missing[*]}"
  {
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends "${missing[@]}"
  } >"$cache/apt.log" 2>&1 || fail "apt-get failed, see $cache/apt.log"
}

# sources SUITE: the mirror that this machine uses, where that is a Debian; else Debian's own.
sources() {
  local mirror key=/usr/share/keyrings/debian-archive-keyring.gpg
  mirror=$(sed -nE 's/^URIs: *([^ ]*debian)\/?$/\1/p; s/^deb +(\[[^]]*\] +)?([^ ]*debian)\/? .*/\2/p' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1) || :
  printf 'deb [signed-by=%s] %s %s main contrib\n' "$key" "${mirror:-http://deb.debian.org/debian}" "$1"
}

# debootstrap_into SUITE DIR|TAR LOG ARGS...
debootstrap_into() {
  local suite=$1 target=$2 log=$3
  shift 3
  rm -rf "$target"
  # Proxies and certificates of this machine hold in the chroot's downloads as well.
  apt-config dump | grep -iE '^Acquire::https?::(Proxy|Verify|CaInfo)' >"$cache/apt.conf" || :
  sources "$suite" >"$cache/sources.list"
  timeout 1200 mmdebstrap --mode=root --aptopt="$cache/apt.conf" --aptopt='Apt::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/i18n/*' \
    "$@" "$suite" "$target" "$cache/sources.list" >"$log" 2>&1 || fail "mmdebstrap failed, see $log"
}

#!/bin/sh
# The main job on an embedded sample node: a container is exported, the archive is shown and verified, and, where ruby
# and sshd are there, imported over ssh into a stand-in for a vpsAdminOS node. Everything is below one scratch directory.
# The programs are those of VZ2OSCTL_BIN, a directory, or of dist/bin.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH="${VZ2OSCTL_BIN:-$here/../../dist/bin}:$here/openvz-node/bin:$PATH"
export PATH

demo=$(mktemp -d)
started=
clean_up() {
  [ -z "$started" ] || "$here/vpsadminos-node/stop" "$demo/target" >/dev/null 2>&1 || :
  "$here/openvz-node/remove-node" "$demo/source" >/dev/null 2>&1 || :
  rm -rf "$demo"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Prints a command line as it would be typed, and runs it.
show() {
  printf '\n$ %s\n' "$*"
  (cd "$demo" && bash -o pipefail -c "$*")
}

make_node() {
  if [ "$(id -u)" -eq 0 ]; then "$here/openvz-node/make-node" "$demo/source"; else "$here/openvz-node/make-node" --plain "$demo/source"; fi
}

echo '# A sample OpenVZ node with the container 101, running'
make_node >/dev/null
export VZ_STANDIN="$demo/source"
show vzctl status 101

echo
echo '# Export: it is stopped, packed, and started again by a guard'
show "vz-parse-config --conf-dir source/etc/vz/conf 101 | vz-to-osctl --netif-type routed | vz-rootfs-tar | osctl-bundle > ct-101.tar"
show vzctl status 101

echo
echo '# The archive'
show "tar tvf ct-101.tar"
show "osctl-bundle --verify ct-101.tar"

echo
if ! command -v ruby >/dev/null 2>&1 || ! PATH="$PATH:/usr/sbin" command -v sshd >/dev/null 2>&1; then
  echo '# NOT SHOWN: the import needs ruby and sshd (apt-get install ruby openssh-server)'
  exit 0
fi
echo '# Import over ssh into a sample vpsAdminOS node'
"$here/vpsadminos-node/start" "$demo/target" >/dev/null
started=yes
PATH="$demo/target/client-bin:$PATH"
show "osctl-import -n root@node < ct-101.tar"
show "osctl-import --apply root@node < ct-101.tar"
show "ssh root@node osctl ct ls"
show "ssh root@node zfs get refquota tank/ct/101"

# $1: how many of the next words are the datasets of pools; what follows are groups, POOL:NAME. What of a node is the same
# for all its containers. Changes nothing.
section version osctl --version
section release uname -r
section machine uname -m
section cmdline cat /proc/cmdline
section memory cat /proc/self/maps
section ia32 cat /proc/sys/abi/vsyscall32
section cgroup cat /run/osctl/cgroup.version
section keys cat /run/osctl/send-receive/authorized_keys
section devices ls -d /dev/net/tun /dev/fuse /dev/ppp /dev/kvm
section bridges ip -o link show type bridge
section options osctl ct new --help
section containers osctl -j ct ls
pools=$1 place=0
shift
while [ "$place" -lt "$pools" ]; do
  section "available$place" zfs get -Hp -o value available "$1"
  section "mountpoint$place" zfs get -H -o value mountpoint "$1"
  section "datasets$place" zfs list -H -r -t filesystem -o name "$1/ct"
  place=$((place + 1))
  shift
done
place=0
for group in "$@"; do
  section "group$place" osctl -j group devices ls "$group"
  place=$((place + 1))
done

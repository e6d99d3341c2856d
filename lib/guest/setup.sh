# The tree is $1. Without it, it is / inside of a container; on a node that would be the node's own system.
# shellcheck disable=SC2034
LC_ALL=C
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
unset CDPATH
umask 022
usage() {
  echo "usage: sh SCRIPT ROOT, where ROOT is the root filesystem of a stopped container" >&2
  exit 64
}
[ -c /dev/null ] || { echo "there is no /dev/null here" >&2; exit 69; }
in_user_namespace() {
  [ -r /proc/self/uid_map ] && read -r inside outside count </proc/self/uid_map || return 1
  [ "$inside $outside $count" != '0 0 4294967295' ]
}
case $# in
  0)
    in_user_namespace || usage
    set -- /
    ;;
  1) [ -n "$1" ] || usage ;;
  *) usage ;;
esac
cd -P "$1" || usage
case $PWD in
  *'
'*) usage ;;
esac
# Empty for /, so that "$root/" is always the tree.
root=${PWD%/}

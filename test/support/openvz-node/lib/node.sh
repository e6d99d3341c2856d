# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # used and set by the programs that source this
# What vzctl and vzlist share: where things are, how a config is read, what state container $ct is in.
# Sourced; VZ_STANDIN names the directory of the node.

base=${VZ_STANDIN:?is not set: it names the directory of the stand-in node}
vzconf=$base/etc/vz/vz.conf
confdir=$base/etc/vz/conf
namesdir=$base/etc/vz/names
state=$base/state

# say MESSAGE; complain MESSAGE: vzctl's log levels 0 (stdout) and -1 (stderr).
say() { [ "${quiet:-no}" = yes ] || printf '%s\n' "$*"; }
complain() { printf '%s\n' "$*" >&2; }

# raw_value FILE KEY: the last value of KEY, without the quotes.
raw_value() {
  [ -r "$1" ] || return 0
  sed -n "s/^$2=//p" "$1" | tail -n 1 | sed 's/^"\(.*\)".*$/\1/'
}

# value KEY: as the container has it, else as the node has it.
value() {
  _v=$(raw_value "$confdir/$ct.conf" "$1")
  [ -n "$_v" ] || _v=$(raw_value "$vzconf" "$1")
  printf '%s\n' "$_v"
}

# path KEY: trailing slashes cut, then the first $VEID replaced, or else the first ${VEID}.
path() { value "$1" | sed -e 's,//*$,,' -e "s/[\$]VEID/$ct/;t" -e "s/[\$]{VEID}/$ct/"; }

# container_id WORD: a number as it is, a name by its link in names/.
container_id() {
  case $1 in
    '' | */*) return 1 ;;
    *[!0-9]*)
      _link=$(readlink "$namesdir/$1") || return 1
      _link=${_link##*/}
      printf '%s\n' "${_link%.conf}"
      ;;
    *) printf '%s\n' "$1" ;;
  esac
}

# describe_container: sets everything below for $ct.
describe_container() {
  conf=$confdir/$ct.conf
  private=$(path VE_PRIVATE)
  root=$(path VE_ROOT)
  lockdir=$(value LOCKDIR)
  dump=$(value DUMPDIR)/Dump.$ct
}

is_existing() { [ -f "$conf" ] && [ -n "$private" ] && [ -d "$private" ]; }
is_mounted() { [ -f "$state/$ct.mounted" ]; }
is_running() { [ -f "$state/$ct.running" ]; }
is_suspended() { is_existing && ! is_running && [ -f "$dump" ]; }

# fault NAME DEFAULT: the content of a switch file state/CT.NAME.
fault() {
  if [ -f "$state/$ct.$1" ]; then cat "$state/$ct.$1"; else printf '%s\n' "$2"; fi
}

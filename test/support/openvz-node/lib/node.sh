# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # used and set by the programs that source this
# What vzctl and vzlist share: where things are, how a config is read, what state container $ct is in.
# Sourced; VZ_STANDIN names the directory of the node.

base=${VZ_STANDIN:?is not set: it names the directory of the stand-in node}
vzconf=$base/etc/vz/vz.conf
confdir=$base/etc/vz/conf
namesdir=$base/etc/vz/names
state=$base/state
newline='
'

# say MESSAGE; complain MESSAGE: vzctl's log levels 0 (stdout) and -1 (stderr).
say() { [ "${quiet:-no}" = yes ] || printf '%s\n' "$*"; }
complain() { printf '%s\n' "$*" >&2; }

# read_config: sets v_KEY for each KEY of $ct, as the container has it, else as the node has it. One process: vzctl is run often.
# With the last value of a key, without the quotes; an empty one counts as none.
read_config() {
  for _key in ${_keys-}; do unset "v_$_key"; done
  _keys='' _files=
  for _file in "$vzconf" "$conf"; do [ ! -r "$_file" ] || _files="$_files${_files:+$newline}$_file"; done
  _ifs=$IFS IFS=$newline
  set -f
  # shellcheck disable=SC2013,SC2046,SC2086 # lines, and each `read` of dash is a system call a byte
  for _line in $(awk -v conf="$conf" '
    match($0, /^[A-Z_0-9]+=/) {
      key = substr($0, 1, RLENGTH - 1); text = substr($0, RLENGTH + 1)
      if (text ~ /^".*"/) { sub(/^"/, "", text); sub(/"[^"]*$/, "", text) }
      if (FILENAME == conf) own[key] = text; else node[key] = text
    }
    END {
      for (key in own) if (own[key] != "") node[key] = own[key]
      for (key in node) print key "=" node[key]
    }' $_files </dev/null); do
    _keys="$_keys ${_line%%=*}"
    eval "v_${_line%%=*}=\${_line#*=}"
  done
  set +f
  IFS=$_ifs
}

# value KEY
value() { eval "printf '%s\n' \"\${v_$1-}\""; }

# path TEXT: sets $path, with trailing slashes cut, then the first $VEID replaced, or else the first ${VEID}.
# shellcheck disable=SC2016 # as it stands in the config
path() {
  path=$1
  while [ "${path%/}" != "$path" ]; do path=${path%/}; done
  case $path in
    *'$VEID'*) path=${path%%'$VEID'*}$ct${path#*'$VEID'} ;;
    *'${VEID}'*) path=${path%%'${VEID}'*}$ct${path#*'${VEID}'} ;;
  esac
}

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
  read_config
  path "${v_VE_PRIVATE-}"
  private=$path
  path "${v_VE_ROOT-}"
  root=$path
  lockdir=${v_LOCKDIR-}
  dump=${v_DUMPDIR-}/Dump.$ct
}

is_existing() { [ -f "$conf" ] && [ -n "$private" ] && [ -d "$private" ]; }
is_mounted() { [ -f "$state/$ct.mounted" ]; }
is_running() { [ -f "$state/$ct.running" ]; }
is_suspended() { is_existing && ! is_running && [ -f "$dump" ]; }

# fault NAME DEFAULT: the content of a switch file state/CT.NAME.
fault() {
  if [ -f "$state/$ct.$1" ]; then cat "$state/$ct.$1"; else printf '%s\n' "$2"; fi
}

# wait_for NAME: so many seconds.
wait_for() { [ ! -f "$state/$ct.$1" ] || sleep "$(cat "$state/$ct.$1")"; }

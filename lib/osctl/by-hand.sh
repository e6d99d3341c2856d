# $1: pool, $2: spool directory, $3: id (each may be empty), $4: autostart, keep or off; the rest: import options.
# The archive comes on stdin. It is whole when metadata.yml is its last member.
trap : HUP INT TERM PIPE
umask 077
pool=$1 spool=$2 id=$3 autostart=$4
shift 4
fail() { echo "osctl-import: $*; nothing was imported" >&2; exit 1; }
fail_imported() { echo "osctl-import: $pool:$id is imported, but $*" >&2; exit 1; }
[ -n "$pool" ] || pool=$(osctl pool ls -H -o name </dev/null)
case $pool in
  '' | *[!A-Za-z0-9_.-]*) fail 'no pool, or several: osctl-import --print-command HOST:POOL' ;;
esac
if [ -z "$spool" ]; then
  dataset=$(osctl pool ls -H -o dataset "$pool" </dev/null)
  [ -n "$dataset" ] || fail "no pool $pool"
  spool=$(zfs get -H -o value mountpoint "$dataset" </dev/null)
fi
f=$(mktemp -p "$spool" vz2osctl.XXXXXXXXXX) || fail "cannot write to $spool"
exec 9<>"$f"
rm -f "$f"
cat >&9 || fail 'cannot keep the archive'
archive=/proc/$$/fd/9
[ "$(tar -tf "$archive" | tail -n 1)" = metadata.yml ] || fail 'the archive is not whole'
metadata=$(tar -xOf "$archive" metadata.yml) || fail 'the archive is not whole'
[ -n "$id" ] || id=$(printf '%s\n' "$metadata" | sed -n 's/^ *"container": "\([A-Za-z0-9_-]*\)".*/\1/p')
[ -n "$id" ] || fail 'the archive names no container: --as-id'
osctl -q --pool "$pool" ct import "$@" "$archive" </dev/null || {
  code=$?
  {
    echo "osctl-import: the import of $pool:$id failed; this is there now:"
    osctl ct show -o state,dataset,user "$pool:$id" </dev/null
    echo "osctl-import: when the state is staged, see 'left on the node' in osctl-import(8) for how it is removed"
  } >&2
  exit "$code"
}
[ "$autostart" = keep ] || osctl -q ct unset autostart "$pool:$id" </dev/null ||
  fail_imported "it will start at the node's next boot: osctl ct unset autostart $pool:$id"
exec osctl ct show "$pool:$id" </dev/null

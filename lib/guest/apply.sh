# $1: POOL:ID, $2: seconds. The script comes on stdin. Whatever it does, the container is stopped behind it: one that seems to
# run, because its script never ends, must not pass for one that was started.
trap : HUP INT TERM PIPE
state=$(osctl ct show -H -o state "$1" </dev/null) || exit
if [ "$state" != stopped ]; then
  echo "it is $state, not stopped" >&2
  exit 75
fi
timeout -k 5 "$2" osctl -q ct runscript -r "$1" -
code=$?
case $(osctl ct show -H -o state "$1" </dev/null) in
  stopped) ;;
  *) osctl -q ct stop "$1" </dev/null >&2 ;;
esac
exit "$code"

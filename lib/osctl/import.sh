# $1: spool directory, $2: POOL:ID, $3: autostart, keep or off, $4: the seal of this run; the rest: the import command,
# without the file. The archive comes on stdin, and behind it one block with the seal and the number of bytes before it;
# without that block nothing is imported. Who made the archive cannot know the seal, so no member passes for that block.
# The spool file loses its name at once: whatever dies, nothing stays. Nobody signals a command whose ssh went away, and
# writing to that must not end it in the middle.
trap : HUP INT TERM PIPE
umask 077
spool=$1 ct=$2 autostart=$3 seal=$4
shift 4
f=$(mktemp -p "$spool" vz2osctl.XXXXXXXXXX) || exit 73
exec 9<>"$f"
rm -f "$f"
cat >&9 || exit 74
archive=/proc/$$/fd/9
bytes=$(wc -c <"$archive")
if [ "$(tail -c 512 "$archive" | tr -d '\000')" != "vz2osctl-sent $seal $((bytes - 512))" ]; then
  echo "received $bytes bytes, not the whole archive" >&2
  exit 65
fi
echo received
"$@" "$archive" </dev/null >&2 || exit 69
echo imported
if [ "$autostart" = off ]; then
  osctl -q ct unset autostart "$ct" </dev/null >&2 || exit 69
  echo 'autostart off'
fi
echo show
exec osctl -j ct show "$ct" </dev/null

# $1: the container's dataset, $2: a snapshot of it and of those below it, $3: how many lines at most. What has changed since, as
# `zfs diff -H` prints it: that looks at one dataset, and not below it. One that has no such snapshot was made later, all of it.
names=$(zfs list -H -o name -t filesystem -r "$1" </dev/null) || exit
lines=
# One a line: names may hold blanks.
while IFS= read -r one; do
  if zfs list -H "$one@$2" </dev/null >/dev/null 2>&1; then
    changes=$(zfs diff -H "$one@$2" "$one" </dev/null) || exit
  else
    changes=$(zfs get -H -o value mountpoint "$one" </dev/null) && changes=$(printf '+\t%s' "$changes") || exit
  fi
  [ -z "$changes" ] || lines="$lines$changes
"
done <<EOF
$names
EOF
printf %s "$lines" | head -n "$3"

# $1: the pool's dataset, $2: the container's dataset, $3: the spool directory, or empty for the pool's mountpoint.
section() {
  printf '>> %s\n' "$1"
  shift
  { message=$("$@" 2>&1 >&3 3>&- </dev/null); code=$?; } 3>&1
  printf '\n<< %s %s\n' "$code" "$(printf %s "$message" | tail -n 1)"
}
spool=${3:-$(zfs get -H -o value mountpoint "$1" </dev/null)}
section available zfs get -Hp -o value available "$1"
section dataset zfs list -H -o name "$2"
section spool printf %s "$spool"
section writable test -d "$spool" -a -w "$spool"
section filesystem stat -f -c %T -- "$spool"
section free df -P -k -- "$spool"

# $1: the pool's dataset, $2: the container's dataset, $3: the spool directory, or empty for the pool's mountpoint, $4: the id,
# $5, $6: a process that may be making the container, and a word of its command line.
mountpoint=$(zfs get -H -o value mountpoint "$1" </dev/null)
spool=${3:-$mountpoint}
config=$mountpoint/conf/ct/$4.yml
section available zfs get -Hp -o value available "$1"
section dataset zfs list -H -o name "$2"
section config find "$config" -maxdepth 0
section spool printf %s "$spool"
section writable test -d "$spool" -a -w "$spool"
section filesystem stat -f -c %T -- "$spool"
section free df -P -k -- "$spool"
section importer grep -q -F -e "$6" "/proc/$5/cmdline"

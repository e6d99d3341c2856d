#!/bin/bash
# shellcheck disable=SC2154 # work and here are set by run.sh
# What is proved of exports, one function each. Sourced; every function ends the run where something is not so.

prove_exports() {
  renew_vz6
  decisions
  exported plain
  exported compressed --zfs-compressed-send
  stopped_container
  bare_stream
  progress
  killed
  files_from_snapshot
}

# decide NAME OPTIONS...: the document of container 101 in $work/NAME.json
decide() {
  local name=$1
  shift
  vz-parse-config --conf-dir /opt/node/etc/vz/conf root@vz6:101 2>"$work/$name.log" |
    vz-to-osctl -q --report none "$@" >"$work/$name.json" 2>>"$work/$name.log" || failed "the document ($name)"
}

decisions() {
  decide plain
  is "$(field "$work/plain.json" d.source.layout)" zfs 'layout'
  is "$(field "$work/plain.json" d.source.dataset)" vz/private/101 'dataset'
  is "$(field "$work/plain.json" d.source.subdir)" private 'subdir'
  proved "the container's dataset is found: vz/private/101, private/"
}

# exported NAME OPTIONS...: archive, check, receive, compare.
exported() {
  local name=$1 archive=$work/$1.tar flags wanted
  shift
  decide "$name" "$@"
  timeout 300 vz-zfs-stream <"$work/$name.json" 2>>"$work/$name.log" | osctl-bundle >"$archive" 2>>"$work/$name.log" ||
    failed "the export ($name)"
  on_vz6 'cp /run/at-the-stop /run/expected'
  proved "$name: exported, $(du -k "$archive" | cut -f 1) KiB, the container was down for $(downtime) s"
  nothing_left "$name"
  osctl-bundle --verify "$archive" >"$work/$name.verify" 2>>"$work/$name.log" || failed "osctl-bundle --verify ($name)"
  proved "$name: osctl-bundle --verify passes all its streams"

  unpack "$archive" rootfs/base.dat >"$work/stream"
  vz-zfs-stream --verify <"$work/stream" >"$work/summary.json" 2>>"$work/$name.log" || failed "stream check ($name)"
  # Of zfs_ioctl.h: 0x80000 blocks above 128 KiB (-L), 0x10000 embedded data (-e), 0x400000 compressed blocks (-c).
  flags=$((16#$(field "$work/summary.json" 'd.snapshots[0].features')))
  wanted=$((0x90000))
  [ "$name" != compressed ] || wanted=$((0x490000))
  is $((flags & 0x490000)) $wanted "features of the stream ($name)"
  [ "$(field "$work/summary.json" 'd.counts.WRITE_EMBEDDED > 0')" = true ] || failed "no embedded data ($name)"
  is "$(field "$work/summary.json" d.records)" "$(on_vz6 'zstream dump' <"$work/stream" | records)" 'records, as zstream counts'
  proved "$name: the stream check counts as zstream dump does; features $(printf %x "$flags")"

  on_vz6 'zfs create -p vz/got'
  "$here/receive" "$archive" vz/got/101 2>>"$work/$name.log" || failed "zfs recv ($name)"
  on_vz6 '/opt/tree /vz/got/101 >/run/got; diff /run/expected /run/got' >"$work/diff.log" 2>&1 ||
    failed "the tree received is not that of the stop ($name)"
  for snapshot in $(snapshots_of "$archive"); do on_vz6 "zfs destroy -r vz/got/101@$snapshot"; done
  is "$(on_vz6 'zfs list -H -o name -t snapshot -r vz/got')" '' 'snapshots left after those of snapshots.yml'
  on_vz6 'zfs destroy -r vz/got'
  proved "$name: zfs recv took it; the tree, child dataset included, is that of the stop"
}

# Not grep -q: tar would die of a closed pipe, which pipefail takes for "not found".
unpack() {
  if tar tf "$1" | grep -x "$2.gz" >/dev/null; then tar xOf "$1" "$2.gz" | gzip -dc; else tar xOf "$1" "$2"; fi
}

snapshots_of() { tar xOf "$1" snapshots.yml | grep -oE 'vz2osctl-[A-Za-z0-9-]+'; }

records() { sed -nE 's/^[[:space:]]*Total records = ([0-9]+).*/\1/p'; }

# Seconds from the begin of the last stop to the end of the last start.
downtime() {
  on_vz6 'cat /opt/node/state/log' | awk '$2 == "stop" && $4 == "begin" { from = $1 } $2 == "start" && $4 == "end" { to = $1 } END { printf "%.1f", to - from }'
}

nothing_left() {
  local status
  status=$(on_vz6 'vzctl status 101')
  is "$status" 'CTID 101 exist mounted running' "$1: the container's state"
  is "$(on_vz6 'zfs list -H -o name -t snapshot -r vz/private | sort | xargs')" \
    'vz/private/101/child@daily vz/private/101@daily' "$1: snapshots"
  is "$(on_vz6 'zfs list -H -o userrefs -t snapshot -r vz/private | sort -u')" 0 "$1: holds"
  proved "$1: running again; no snapshot and no hold of ours is left, the user's own are there"
}

stopped_container() {
  on_vz6 'vzctl --quiet stop 101; cp /run/at-the-stop /run/expected'
  timeout 300 vz-zfs-stream <"$work/plain.json" 2>"$work/stopped.log" | osctl-bundle >"$work/stopped.tar" 2>>"$work/stopped.log" ||
    failed 'the export of a stopped container'
  is "$(tar tf "$work/stopped.tar" | grep -c incremental || :)" 0 'incremental streams of a stopped container'
  is "$(on_vz6 'vzctl status 101')" 'CTID 101 exist unmounted down' "the container's state"
  on_vz6 'zfs create -p vz/got'
  "$here/receive" "$work/stopped.tar" vz/got/101 2>>"$work/stopped.log" || failed 'zfs recv of a stopped container'
  on_vz6 '/opt/tree /vz/got/101 >/run/got; diff /run/expected /run/got' >"$work/diff.log" 2>&1 || failed 'the tree of a stopped container'
  on_vz6 'zfs destroy -r vz/got; vzctl --quiet start 101'
  proved 'a stopped container: one stream, received, equal, and it stays down'
}

# It checks a stream that it makes on this machine, so it gets one that flows from the guest.
bare_stream() {
  on_vz6 'zfs send vz/private/101@daily' | vz-zfs-stream --verify --raw 2>"$work/bare.log" | on_vz6 'zfs recv -u vz/bare' ||
    failed 'a pipe with vz-zfs-stream --verify --raw'
  on_vz6 'zfs destroy -r vz/bare'
  on_vz6 'zfs send -R vz/private/101@daily' | vz-zfs-stream --verify >"$work/replication.json" 2>>"$work/bare.log" ||
    failed 'the check of zfs send -R'
  is "$(field "$work/replication.json" d.compound)" true 'zfs send -R is compound'
  proved 'zfs send | vz-zfs-stream --verify --raw | zfs recv; a stream of zfs send -R passes the check'
}

# The estimate of a real `zfs send -nvP`, beside what really came. The reader waits, so that there is something to tell.
progress() {
  vz-zfs-stream --progress json <"$work/plain.json" 2>"$work/progress.log" | { sleep 4; cat; } >/dev/null
  grep '^{"type":"progress"' "$work/progress.log" | tail -n 1 >"$work/progress.json"
  [ "$(field "$work/progress.json" 'd.bytes > 0 && d.totalBytes > d.bytes / 2 && d.totalBytes < d.bytes * 2')" = true ] ||
    failed "--progress json: $(cat "$work/progress.json")"
  nothing_left progress
  proved "--progress json: $(field "$work/progress.json" 'd.bytes + " bytes came, " + d.totalBytes + " were announced"')"
}

# SIGKILL while the base stream flows: the guard in the guest undoes all, alone.
killed() {
  local pid tries=0
  mkfifo "$work/slow"
  # shellcheck disable=SC2217 # it holds the pipe open and reads nothing
  sleep 900 <"$work/slow" &
  local reader=$!
  vz-zfs-stream <"$work/plain.json" >"$work/slow" 2>"$work/killed.log" &
  pid=$!
  until on_vz6 'zfs list -H -o name -t snapshot -r vz/private' | grep -q vz2osctl; do
    tries=$((tries + 1))
    [ $tries -lt 60 ] || failed 'no snapshot of ours appears'
  done
  kill -9 $pid
  wait $pid 2>/dev/null || :
  kill $reader
  rm "$work/slow"
  tries=0
  while on_vz6 'zfs list -H -o name -t snapshot -r vz/private' | grep -q vz2osctl; do
    tries=$((tries + 1))
    [ $tries -lt 60 ] || failed 'the snapshot is still there a minute after kill -9'
    sleep 1
  done
  nothing_left 'kill -9'
}

# A dataset whose root is the private area: exported as files, out of .zfs/snapshot; no clone is made. What is in /dev,
# and sockets, are not packed by design, and removed before.
files_from_snapshot() {
  on_vz6 'vzctl --quiet stop 101
    zfs create vz/private/plain
    cp -a /vz/private/101/private/. /vz/private/plain/
    rm -rf /vz/private/plain/dev/* /vz/private/plain/srv/hostile/socket
    sed -i s,/vz/private/101/private,/vz/private/plain, /opt/node/etc/vz/conf/101.conf
    vzctl --quiet start 101'
  decide files
  is "$(field "$work/files.json" d.source.dataset)" vz/private/plain 'dataset'
  timeout 300 vz-rootfs-tar <"$work/files.json" 2>>"$work/files.log" | osctl-bundle >"$work/files.tar" 2>>"$work/files.log" ||
    failed 'the export of files from a snapshot'
  is "$(on_vz6 'zfs list -H -o name -t snapshot -r vz/private/plain')" '' 'snapshots of the export of files'
  is "$(on_vz6 'zpool history vz | grep -c "zfs clone" || :')" 0 'clones'
  is "$(on_vz6 'vzctl status 101')" 'CTID 101 exist mounted running' "the container's state"
  # Onto ZFS, since sizes of directories are compared as well.
  unpack "$work/files.tar" rootfs/base.tar |
    on_vz6 'zfs create vz/files; tar -C /vz/files -xpf - --numeric-owner --xattrs --xattrs-include="*"
      /opt/tree /vz/files >/run/got; diff /run/at-the-stop /run/got' >"$work/diff.log" 2>&1 || failed 'the files are not those of the stop'
  proved "a dataset that is no private/: packed from .zfs/snapshot; the files are those of the stop; down for $(downtime) s"
}

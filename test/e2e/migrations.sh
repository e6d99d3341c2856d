#!/bin/bash
# shellcheck disable=SC2154 # work and state are set by run.sh
# What is proved of migrations from vz6 to node, one function each. Sourced; every function ends the run where something is not
# so. Those that go back are in rollbacks.sh.
copy=/node/tank/ct/101

prove_migrations() {
  newer_receive
  older_receive
  by_root
  files
}

# step STEP FLAGS...: of container 101; its document in $work/step.json, what it says in $work/step.log.
step() {
  local verb=$1
  shift
  timeout 600 vz-migrate-step "$verb" root@vz6:101 --state-dir "$state" --log-file "$work/commands.log" "$@" \
    >"$work/step.json" 2>"$work/step.log"
}

must() { step "$@" || failed "vz-migrate-step $* ends with $?"; }

# stage WAY STATE OPTIONS...: the state of what is there then; options of vz-to-osctl.
stage() {
  local way=$1 wanted=$2
  shift 2
  vz-parse-config --conf-dir /opt/node/etc/vz/conf root@vz6:101 2>"$work/stage.log" |
    vz-to-osctl -q --report none "$@" 2>>"$work/stage.log" |
    vz-migrate-step stage --to root@node --via "$way" --state-dir "$state" --log-file "$work/commands.log" \
      >"$work/step.json" 2>"$work/step.log" || failed "stage --via $way"
  is "$(target_state)" "$wanted" 'the state of what was staged'
}

# write_meanwhile NAME: what a container may do while it is read, for some seconds, in both datasets.
write_meanwhile() {
  on_vz6 "cd \"\$(vzlist -H -o private 101)\"
    for n in \$(seq 60); do
      head -c 20000 /dev/urandom >\"srv/$1 \$n\"
      echo \$n >>'srv/$1 grows'
      [ \$n -lt 3 ] || { mv \"srv/$1 \$((n - 1))\" \"var/$1 \$n moved\"; rm -f \"srv/$1 \$((n - 2))\"; }
      [ ! -d ../child ] || echo \$n >>'../child/private/$1'
    done"
}

# sync_while_written NAME FLAGS...
sync_while_written() {
  local writer
  write_meanwhile "$1" &
  writer=$!
  shift
  must sync "$@"
  wait "$writer" || failed 'what writes meanwhile'
}

newer_receive() {
  renew_vz6
  on_node ': >/node/newer'
  stage receive staged --zfs-compressed-send
  sync_while_written first --progress json --bwlimit 500K
  estimated
  held
  sync_while_written second
  held
  moved 'receive 2'
  flags_of_streams compressed
  go_back_with_changes
  gone_again
}

older_receive() {
  on_node 'rm /node/newer'
  stage receive staged
  sync_while_written first
  moved 'receive 1'
  flags_of_streams plain
  must cleanup
  nothing_held
  is "$(on_node 'zfs list -H -o name -t snapshot -r tank/ct')" '' 'snapshots left on the new node'
  source_stands
  proved 'receive 1: cleanup leaves no snapshot on either node; the old container stands, and could be started'
  on_node 'osctl -q ct del -f 101'
  on_vz6 'vzctl --quiet set 101 --disabled no --onboot yes --save && vzctl --quiet start 101'
}

by_root() {
  stage root stopped
  sync_while_written first
  held
  moved root
  go_back_from_child
  sync_while_written second
  is "$(field "$work/step.json" 'd.sync.passes.at(-1).how')" increment 'a pass behind a rollback'
  moved 'root, once more'
  source_stands
  must cleanup --delete --confirm 101
  is "$(on_vz6 'vzctl status 101')" 'CTID 101 deleted unmounted down' 'the old container, deleted'
  is "$(on_vz6 'zfs list -H -o name -r vz/private')" vz/private 'datasets left on the old node'
  is "$(on_node 'zfs list -H -o name -t snapshot -r tank/ct/101')" '' 'snapshots left on the new node'
  is "$(target_state)" running 'the new container, behind cleanup --delete'
  proved 'root: cleanup --delete destroys the old container and its datasets; the new one runs'
  on_node 'osctl -q ct del -f 101'
}

files() {
  renew_vz6 simfs
  stage root stopped
  sync_while_written first
  sync_while_written second
  moved files
  is "$(on_node 'zfs get -Hp -o value refquota tank/ct/101')" $((11534336 * 1024)) 'refquota'
  is "$(on_node 'zfs get -H -o value uidmap,gidmap,canmount tank/ct/101 | sed "s/:[0-9]*:/:N:/" | xargs')" \
    '0:N:65536 0:N:65536 noauto' 'the maps'
  proved 'files: refquota and id maps are set'
  go_back_unchanged
  # What was sent since the first transfer is no change made on the new node.
  must transfer --guest-fix none
  go_back_unchanged
  gone_again
}

# moved WHAT: transfers it; the tree is that of the stop, of files in both datasets.
moved() {
  step transfer --max-downtime 10m --guest-fix none || failed "transfer, $1"
  is "$(target_state)" running "$1: the new container"
  is "$(on_vz6 'vzctl status 101')" 'CTID 101 exist unmounted down' "$1: the old container"
  on_vz6 'cat /run/at-the-stop' | comparable "$1" >"$work/expected"
  if [ "$1" = files ]; then on_node "/opt/tree $copy/private"; else on_node "/opt/tree $copy"; fi | comparable "$1" >"$work/got"
  same_tree "$1"
  proved "$1: $(field "$work/step.json" 'd.sync.passes.length') passes while it wrote; the tree is that of the stop;" \
    "down for $(field "$work/step.json" '(Date.parse(d.transfer.runningAt) - Date.parse(d.transfer.stoppedAt)) / 1000') s"
}

# comparable WHAT: without what osctld sets of the dataset's own directory; of files without what rsync has no say in: sizes of
# directories and parts of seconds.
comparable() {
  if [ "$1" = files ]; then
    sed -E "s/^('.*' directory [0-7]+ [0-9:]+ [0-9]+) [0-9]+ /\\1 - /; s/(:[0-9]{2})\\.[0-9]{9} /\\1 /"
  else
    sed "/^'\\.' directory/d"
  fi
}

target_state() { on_node 'osctl ct ls -H -o state 101'; }

# The old container is as it was at the stop, whole, and nothing but its being disabled keeps it from starting.
source_stands() {
  # shellcheck disable=SC2016 # for the guest's shell
  on_vz6 'p=$(vzlist -a -H -o private 101); /opt/tree "${p%/private}" >/run/now; diff /run/at-the-stop /run/now' \
    >"$work/diff.log" 2>&1 || failed 'the old container is not what it was at the stop'
  is "$(on_vz6 'vzctl status 101')" 'CTID 101 exist unmounted down' 'the old container'
}

# What the migration needs of snapshots is held, in both datasets: a job that prunes snapshots cannot have it.
held() {
  local name
  name=$(field "$work/step.json" 'd.source.snapshots.join(" ")')
  is "$(on_vz6 "zfs list -H -o name,userrefs -t snapshot -r vz/private | grep -v daily | sort | xargs")" \
    "vz/private/101/child@$name 1 vz/private/101@$name 1" 'snapshots of the migration, and their holds'
  ! on_vz6 "zfs destroy -r vz/private/101@$name" 2>"$work/destroy.log" || failed 'a snapshot that is held was destroyed'
  grep -q 'dataset is busy' "$work/destroy.log" || failed 'why a snapshot that is held is not destroyed'
  proved "the snapshot $name is there in both datasets, alone, and zfs destroy cannot have it"
}

nothing_held() {
  is "$(on_vz6 'zfs list -H -o name,userrefs -t snapshot -r vz | grep -v "@daily.0$" || :')" '' \
    'snapshots and holds left on the old node'
}

# The estimate of a real `zfs send -nvP`, beside what came.
estimated() {
  grep '^{"type":"progress"' "$work/step.log" | tail -n 1 >"$work/progress.json"
  [ "$(field "$work/progress.json" 'd.bytes > 0 && d.totalBytes > d.bytes / 2 && d.totalBytes < d.bytes * 2')" = true ] ||
    failed "--progress json: $(cat "$work/progress.json")"
  proved "sync --progress json: $(field "$work/progress.json" 'd.bytes + " bytes came, " + d.totalBytes + " were announced"')"
}

# flags_of_streams plain|compressed: by what lies on the new node's disk, which compresses nothing by itself.
flags_of_streams() {
  local kib
  is "$(on_node "stat -c %o $copy/private/srv/compressible")" 1048576 'block size on the new node (-L)'
  is "$(on_node "stat -c %b $copy/private/srv/small")" 1 'blocks of an embedded file (-e)'
  kib=$(on_node "du -k $copy/private/srv/compressible | cut -f 1")
  if [ "$1" = compressed ]; then [ "$kib" -lt 200 ]; else [ "$kib" -ge 1000 ]; fi || failed "-c: 1024 KiB take $kib KiB"
  proved "$1 streams: blocks of 1 MiB stay whole, embedded ones embedded, 1024 KiB that compress take $kib KiB there"
}

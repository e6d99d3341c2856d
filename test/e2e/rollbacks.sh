#!/bin/bash
# shellcheck disable=SC2154 # work and copy are set by the others
# What is proved of rollbacks: what has changed on the new node, as the real `zfs diff` tells it. Sourced by run.sh.

# Names of all kinds. Escapes of zfs diff stand where a terminal could not show a byte.
go_back_with_changes() {
  on_node "cd $copy/private/srv
    mv large 'large, renamed'
    rm small
    echo more >>changes-at-the-stop
    echo new >'new with space'
    mkdir directory
    for name in 'back\\slash' \"\$(printf 'gr\\303\\274n')\" \"\$(printf 'latin1-\\351')\" \"\$(printf 'new\\nline')\"; do
      echo new >\"directory/\$name\"
    done
    echo new >../../child/private/of-the-new-node"
  refused_for 12
  cat >"$work/expected" <<END
+ $copy/child/private/of-the-new-node
+ $copy/private/srv/directory
+ $copy/private/srv/directory/back\\0134slash
+ $copy/private/srv/directory/grün
+ $copy/private/srv/directory/latin1-\\0351
+ $copy/private/srv/directory/new\\0012line
+ $copy/private/srv/new with space
- $copy/private/srv/small
M $copy/child/private
M $copy/private/srv
M $copy/private/srv/changes-at-the-stop
R $copy/private/srv/large -> $copy/private/srv/large, renamed
END
  listed
  proved 'rollback without --drop-changes is refused, and names what has changed: new, removed, renamed, of all names, in both datasets'
  dropped
}

# The root dataset alone says nothing of those below it.
go_back_from_child() {
  on_node "echo new >$copy/child/private/of-the-new-node"
  refused_for 2
  printf '+ %s\nM %s\n' "$copy/child/private/of-the-new-node" "$copy/child/private" >"$work/expected"
  listed
  proved 'a change in a dataset below is enough to refuse a rollback'
  dropped
}

go_back_unchanged() {
  must rollback
  is_back
  proved 'nothing has changed on the new node: rollback needs no --drop-changes'
}

refused_for() {
  local code=0
  step rollback || code=$?
  is "$code" 78 'exit code of a rollback that would lose changes'
  grep -q "$1 changes on the new node since the transfer would be lost" "$work/step.log" || failed 'why it is refused'
  is "$(target_state)" running 'the new container, behind a refused rollback'
  is "$(on_vz6 'vzctl status 101')" 'CTID 101 exist unmounted down' 'the old container, behind a refused rollback'
}

listed() {
  grep -E '^[-+MR] ' "$work/step.log" | sort >"$work/got"
  same_tree 'the list of changes'
}

dropped() {
  must rollback --drop-changes
  is_back
  proved 'rollback --drop-changes: the old container runs, the new one is stopped and cannot be started'
}

is_back() {
  is "$(on_vz6 'vzctl status 101')" 'CTID 101 exist mounted running' 'the old container, behind a rollback'
  is "$(on_vz6 'grep -cE "^(ONBOOT=\"yes\"|DISABLED=\"no\")" /opt/node/etc/vz/conf/101.conf')" 2 'its settings'
  is "$(target_state)" stopped 'the new container, behind a rollback'
  ! on_node 'osctl -q ct start 101' >"$work/start.log" 2>&1 || failed 'the new container can be started behind a rollback'
}

# cancel: nothing is left on either node but what the user had.
gone_again() {
  must cancel
  nothing_held
  ! on_node 'osctl ct show 101' >"$work/show.log" 2>&1 || failed 'the new container, behind cancel'
  is "$(on_node 'zfs list -H -o name -r tank/ct')" tank/ct 'datasets left on the new node'
  is "$(on_vz6 'vzctl status 101')" 'CTID 101 exist mounted running' 'the old container, behind cancel'
  proved 'cancel: no container, dataset or snapshot of it is left on either node; the old one runs'
}

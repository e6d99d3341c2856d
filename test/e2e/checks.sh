#!/bin/bash
# shellcheck disable=SC2154 # work, root and here are set by run.sh
# How a proof is told, and how it fails. Sourced.
proofs=0

proved() {
  proofs=$((proofs + 1))
  printf 'ok %2d  %s\n' "$proofs" "$*"
}

failed() {
  printf 'FAILED  %s\n' "$*" >&2
  tail -n 30 "$work"/*.log >&2 || :
  exit 1
}

# field FILE EXPRESSION: of a JSON document `d`.
field() { node -e 'const d = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")); console.log(eval(process.argv[2]))' "$1" "$2"; }

is() { [ "$1" = "$2" ] || failed "$3: $1, expected $2"; }

# Puts the stand-ins into the guests.
make_nodes() {
  tar -C "$root/test" -cf - support/openvz-node support/sample-container -C "$here" make-openvz-node | on_vz6 'tar -C /opt -xf -'
  tar -C "$root/test" -cf - support/vpsadminos-node -C "$here" make-vpsadminos-node | on_node 'tar -C /opt -xf -'
  on_node '/opt/make-vpsadminos-node /opt/support' <"$work/receive.pub"
}

# renew_vz6 [simfs]: container 101 as it was at first, running.
renew_vz6() { on_vz6 "/opt/make-openvz-node /opt/support ${1:-}"; }

# same_tree WHAT: $work/expected and $work/got, as guest/tree tells them.
same_tree() { diff "$work/expected" "$work/got" >"$work/diff.log" 2>&1 || failed "the trees differ: $1"; }

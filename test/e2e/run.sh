#!/bin/bash
# make e2e: proves the export of ZFS containers against the real OpenZFS, in a guest of its own (build-guest.sh): the
# programs run here, the stand-in OpenVZ node with its container on ZFS runs there, and so does the `zfs recv` of what came
# out. Without virtualisation by hardware that takes some minutes, and the first run, which builds the guest, some more.
#   E2E_CACHE=DIR    where the guest is kept; default ~/.cache/vz2osctl-e2e
#   E2E_KEEP=1       leaves the guest running, and says how to reach it
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${E2E_CACHE:-${HOME:-/root}/.cache/vz2osctl-e2e}
work=$(mktemp -d "${TMPDIR:-/tmp}/vz2osctl-e2e-XXXXXX")
# shellcheck source-path=SCRIPTDIR source=guest.sh
. "$here/guest.sh"
# shellcheck source-path=SCRIPTDIR source=proofs.sh
. "$here/proofs.sh"

clean_up() {
  local code=$?
  trap - EXIT
  if [ "${E2E_KEEP:-}" = 1 ]; then
    echo "left running: PATH=$work/bin:\$PATH ssh root@guest; kill $(cat "$work/pid" 2>/dev/null || :); rm -r $work"
  else
    stop_guest
    rm -rf "$work"
  fi
  exit $code
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$here/build-guest.sh" "$cache"
start_guest
PATH=$root/dist/bin:$work/bin:$PATH
export PATH
proved "a guest with $(grep -ao 'OpenZFS.*' "$work/console" | tr -d '\r')"
tar -C "$root/test" -cf - support/openvz-node support/sample-container -C "$here" make-node |
  in_guest 'tar -C /opt -xf - && mv /opt/make-node /opt/support/ && sh /opt/support/make-node /opt/support'
prove_all
echo "all $proofs proved"

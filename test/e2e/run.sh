#!/bin/bash
# make e2e: proves exports and migrations of containers against the real OpenZFS, in two guests of their own (build-guest.sh):
# the programs run here, a stand-in OpenVZ node runs in `vz6`, a stand-in vpsAdminOS node in `node`; and that trees of real
# distributions boot, here in LXC, once they are fixed (guests). See README.md.
#   E2E_CACHE=DIR    where the guests' files are kept; default ~/.cache/vz2osctl-e2e
#   E2E_ONLY=PART    exports, migrations or guests
#   E2E_KEEP=1       leaves the guests running, and says how to reach them
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${E2E_CACHE:-${HOME:-/root}/.cache/vz2osctl-e2e}
parts=${E2E_ONLY:-exports migrations guests}
work=$(mktemp -d "${TMPDIR:-/tmp}/vz2osctl-e2e-XXXXXX")
for part in guest checks exports migrations rollbacks guests; do
  # shellcheck disable=SC1090 # shellcheck looks at each of them by itself
  . "$here/$part.sh"
done

clean_up() {
  local code=$?
  trap - EXIT
  if [ "${E2E_KEEP:-}" = 1 ]; then
    echo "left running: PATH=$work/bin:\$PATH ssh root@vz6 (or node); kill $(cat "$work"/*.pid 2>/dev/null | xargs); rm -r $work"
  else
    stop_guests
    rm -rf "$work" ${state:+"$state"}
  fi
  exit $code
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

PATH=$root/dist/bin:$work/bin:$PATH
export PATH
if [ "$parts" != guests ]; then
  "$here/build-guest.sh" "$cache"
  # Migrations keep nothing in memory, which a temporary directory may be.
  state=$(mktemp -d "$cache/state-XXXXXX")
  start_guests
  proved "two guests with $(grep -ao 'OpenZFS.*' "$work/vz6.console" | tr -d '\r')"
  make_nodes
fi
for part in $parts; do "prove_$part"; done
# shellcheck disable=SC2154 # counted in checks.sh
echo "all $proofs proved, in $SECONDS s"

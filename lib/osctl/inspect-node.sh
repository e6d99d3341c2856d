# $1: the container, ID or POOL:ID. Changes nothing. Each section: `>> NAME`, what the command prints, `<< EXIT MESSAGE`.
section() {
  printf '>> %s\n' "$1"
  shift
  { message=$("$@" 2>&1 >&3 3>&- </dev/null); code=$?; } 3>&1
  printf '\n<< %s %s\n' "$code" "$(printf %s "$message" | tail -n 1)"
}
section pools osctl -j pool ls
section container osctl -j ct show "$1"
section users osctl -j user ls
section groups osctl -j group ls
section interfaces osctl -j ct netif ls
section links ip -o link show
section routes ip -o route show
section routes6 ip -6 -o route show
section addresses ip -o addr show

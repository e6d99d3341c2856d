# $1: the container, ID or POOL:ID, $2: a user whose id maps are wanted; either may be empty. Changes nothing.
section pools osctl -j pool ls
[ -z "$1" ] || section container osctl -j ct show "$1"
section users osctl -j user ls
section groups osctl -j group ls
section assigned osctl -j ct netif ip ls
section routed osctl -j ct netif route ls
section links ip -o link show
section routes ip -o route show
section routes6 ip -6 -o route show
section addresses ip -o addr show
[ -z "$2" ] || section maps osctl -j user map "$2"

# Each section: `>> NAME`, what the command prints, `<< EXIT MESSAGE`.
section() {
  printf '>> %s\n' "$1"
  shift
  { message=$("$@" 2>&1 >&3 3>&- </dev/null); code=$?; } 3>&1
  printf '\n<< %s %s\n' "$code" "$(printf %s "$message" | tail -n 1)"
}

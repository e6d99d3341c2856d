# What follows the tables of all programs: each line of _vz2osctl_flags is a flag and the kind of its value, each one of
# _vz2osctl_operands the words of a command, a colon, and the kinds of its operands, of which the last may come again.

# The kind of a flag's value: empty for one without.
_vz2osctl_kind() {
  local flag kind
  while read -r flag kind; do
    if [[ $flag == "$1" ]]; then
      printf '%s' "$kind"
      return
    fi
  done <<<"$2"
}

# Ids of the containers of this machine, where it is an OpenVZ node.
_vz2osctl_containers() {
  command -v vzlist >/dev/null 2>&1 && vzlist -a -H -o ctid 2>/dev/null
}

# What may come behind the operands: the next word of a command, or an operand's kind with a # before it.
_vz2osctl_next() {
  local program=$1 command kinds typed="${*:2}" rest
  local -a list given
  while IFS=: read -r command kinds; do
    if [[ $command == "$typed "* || ( -z $typed && -n $command ) ]]; then
      rest=${command#"$typed"}
      rest=${rest# }
      printf '%s\n' "${rest%% *}"
    elif [[ -z $command || "$typed " == "$command "* ]]; then
      rest=${typed#"$command"}
      read -ra given <<<"$rest"
      read -ra list <<<"$kinds"
      ((${#list[@]})) || continue
      local at=${#given[@]}
      if ((at >= ${#list[@]})); then
        [[ ${list[-1]} == *+ ]] || continue
        at=$((${#list[@]} - 1))
      fi
      printf '#%s\n' "${list[at]%+}"
    fi
  done < <(_vz2osctl_operands "$program")
}

# Adds to COMPREPLY what is of a kind and begins with the word.
_vz2osctl_values() {
  local kind=$1 word=$2
  local -a found=()
  case $kind in
    =*) mapfile -t found < <(compgen -W "${kind#=}" -- "$word") ;;
    file) compopt -o filenames 2>/dev/null; mapfile -t found < <(compgen -f -- "$word") ;;
    dir) compopt -o filenames 2>/dev/null; mapfile -t found < <(compgen -d -- "$word") ;;
    host) mapfile -t found < <(compgen -A hostname -- "$word") ;;
    container) mapfile -t found < <(compgen -W "$(_vz2osctl_containers)" -- "$word") ;;
  esac
  COMPREPLY+=("${found[@]}")
}

_vz2osctl() {
  local program=${1##*/} typed=${COMP_LINE:0:COMP_POINT} kind='' word flags prefix='' next
  local -a words operands=()
  read -ra words <<<"$typed"
  [[ $typed == *[[:space:]] ]] && words+=('')
  flags=$(_vz2osctl_flags "$program")
  for word in "${words[@]:1:${#words[@]}-2}"; do
    if [[ -n $kind ]]; then
      kind=''
    elif [[ $word == -?* ]]; then
      [[ $word == *=* ]] || kind=$(_vz2osctl_kind "$word" "$flags")
    else
      operands+=("$word")
    fi
  done
  word=${words[-1]}
  COMPREPLY=()
  if [[ -z $kind && $word == --*=* ]]; then
    prefix=${word%%=*}=
    kind=$(_vz2osctl_kind "${word%%=*}" "$flags")
  fi
  if [[ -n $kind ]]; then
    _vz2osctl_values "$kind" "${word#"$prefix"}"
  elif [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(while read -r next _; do printf '%s\n' "$next"; done <<<"$flags")" -- "$word")
  else
    while read -r next; do
      case $next in
        '#'*) _vz2osctl_values "${next#'#'}" "$word" ;;
        *) [[ $next == "$word"* ]] && COMPREPLY+=("$next") ;;
      esac
    done < <(_vz2osctl_next "$program" "${operands[@]}" | sort -u)
  fi
  # Readline takes the word to begin behind the last of these.
  local cut=${word%"${word##*[:=]}"}
  local -i index
  for index in "${!COMPREPLY[@]}"; do
    next=$prefix${COMPREPLY[index]}
    COMPREPLY[index]=${next#"$cut"}
  done
}

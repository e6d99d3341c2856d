local -a _vz2osctl_commands _vz2osctl_valued

# Ids of the containers of this machine, where it is an OpenVZ node.
_vz2osctl_container() {
  local -a ids
  (( $+commands[vzlist] )) && ids=(${=${(f)"$(vzlist -a -H -o ctid 2>/dev/null)"}})
  compadd -a ids
}

# The next word of a command, or its next operand: of its kinds the last may come again, which a + says.
_vz2osctl_operand() {
  local word skip='' typed entry command
  local -a operands kinds given next
  for word in ${words[2,CURRENT-1]}; do
    if [[ -n $skip ]]; then
      skip=''
    elif [[ $word == -?* ]]; then
      (( ${_vz2osctl_valued[(Ie)$word]} )) && skip=yes
    else
      operands+=($word)
    fi
  done
  typed="${(j: :)operands}"
  for entry in $_vz2osctl_commands; do
    command=${entry%%:*}
    kinds=(${=entry#*:})
    if [[ $command == "$typed "* || ( -z $typed && -n $command ) ]]; then
      word=${command#$typed}
      next+=(${${word# }%% *})
    elif [[ ( -z $command || "$typed " == "$command "* ) && $#kinds -gt 0 ]]; then
      given=(${=typed#$command})
      local -i at=$(( $#given + 1 ))
      if (( at > $#kinds )); then
        [[ $kinds[-1] == *+ ]] || continue
        at=$#kinds
      fi
      case ${kinds[at]%+} in
        container) _vz2osctl_container ;;
        host) _hosts ;;
        file) _files ;;
      esac
    fi
  done
  compadd -a next
}


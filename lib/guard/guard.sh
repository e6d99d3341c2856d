#!/bin/sh
# The guard: owns stop and start of one container on its node, so that a container that was running is running
# again however the run ends. It speaks lines on stdin and stdout; see guard.ts for the other end.
#
#   guard CTID LIMIT STATE LOCK MAXDOWN PAUSE
#
#   LIMIT    seconds without a word from the other end before it is taken for dead
#   STATE    a directory that is there only while a guard has work; what a dead guard left in it is recovered
#   LOCK     vzctl's own lock file of the container; held from the first line to the last, but for `unlock`. Two guards
#            of one container are kept apart by a lock of their own, STATE.lck
#   MAXDOWN  seconds from the stop after which the container is started in any case; 0: no such promise
#   PAUSE    seconds between tries of a start that fails; an undo is tried for four times as long
#
# in:  beat  stop [mounted]  start  disarm       out:  ready  beat  stopped N  started  fired WHY  disarmed  bye
#      undo COMMAND  unlock  lock  end                locked PID  recovering  recovered  failed  refused WHAT
#                                                    noted  left COMMAND  unlocked  relocked  busy PID
#
#   stop mounted  leaves the root filesystem mounted (vzctl stop --skip-umount)
#   undo COMMAND  a line of sh for what the other end is about to do (a snapshot, a mount): run at the end, the last
#                 one first, however the end comes. It must succeed where there is nothing to undo.
#   unlock, lock  give vzctl's lock back and take it again: in the hours between, a container may reboot
#
# One process decides everything: words, ticks of the clock and the ends of vzctl all come as lines through one
# FIFO, so nothing can race. On disk the decision is a rename: armed -> firing or armed -> disarmed, never both.
# guard.ts puts lock.sh and undo.sh before this file.
set -u
ct=$1 limit=$2 state=$3 lock=$4 maxdown=$5 pause=$6

# Not '' : an ignored signal would be inherited by vzctl and by the container's init.
trap : HUP INT TERM PIPE

# Not echo: that of dash makes a newline of `\n`, and an undo that is told holds any text.
say() { printf '%s\n' "$*" 2>/dev/null || :; }
# What vzctl says is worth keeping, but a log that cannot be written must not keep a container down.
choose_log() { if (: >>"$state/log") 2>/dev/null; then log=$state/log; else log=/dev/null; fi; }
run() { choose_log; "$@" </dev/null >>"$log" 2>&1; }
now() { read -r uptime _ </proc/uptime; uptime=${uptime%%.*}; }
running() {
  case $(vzctl status "$ct" 2>/dev/null </dev/null) in *' running'*) return 0 ;; esac
  return 1
}
alive() { # a zombie is not
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  case $stat in *') Z '*) return 1 ;; esac
}

still_stopping() {
  read -r stopping 2>/dev/null <"$state/stopping" && alive "$stopping"
}

# Runs as a child: vzctl stop can take minutes, and beats must be answered meanwhile. The pid in `stopping` is that of
# vzctl itself, which may outlive this child.
stop_container() {
  tries=0
  how=''
  [ "$1" != mounted ] || how=--skip-umount
  while :; do
    choose_log
    vzctl --skiplock stop "$ct" $how </dev/null >>"$log" 2>&1 &
    echo $! 2>/dev/null >"$state/stopping"
    wait $!
    code=$?
    tries=$((tries + 1))
    if [ "$code" -ne 9 ] || [ "$tries" -ge 30 ]; then break; fi
    sleep 2
  done
  echo "vz-stopped $code"
}
# Runs as a child as well. What counts is that it runs, not what vzctl start said.
start_container() {
  tries=0
  until running; do
    tries=$((tries + 1))
    if [ "$tries" -gt 12 ]; then echo vz-failed; return; fi
    run vzctl --skiplock start "$ct"
    # 105: somebody has disabled it. It ran, so it shall run.
    [ $? -ne 105 ] || run vzctl --skiplock start "$ct" --force
    running && break
    # What still reads from its mount keeps it from being mounted anew. Asked for, the start came after the last read.
    case $answer in fired*) end_readers ;; esac
    sleep "$pause"
  done
  echo vz-up
}

has_lock='' answer=''
take_lock "$state.lck" || { [ $? -ne 2 ] || exit 73; say "locked ${holder:-?}"; exit 75; }
if take_lock "$lock"; then
  has_lock=yes
else
  code=$?
  drop_locks
  [ "$code" -ne 2 ] || exit 73
  say "locked ${holder:-?}"
  exit 75
fi
# With the locks in our hands, a state directory can only be that of a dead guard.
if [ -d "$state" ]; then
  end_readers
  if [ -e "$state/armed" ] || [ -e "$state/firing" ]; then
    say recovering
    while still_stopping; do sleep 1; done
    if [ "$(start_container)" != vz-up ]; then
      say failed
      drop_locks
      exit 74
    fi
    say recovered
  fi
  # What still cannot be undone must not keep an export from being made: it stays noted.
  undo_all || mv "$state/undo" "$state.undo" || { drop_locks; exit 74; }
  rm -rf "$state"
fi
if ! { mkdir -m 700 "$state" && mkfifo "$state/events"; }; then
  drop_locks
  exit 73
fi
[ ! -f "$state.undo" ] || mv "$state.undo" "$state/undo"

# A job in the background gets /dev/null as stdin, unless told otherwise. It must not keep our stdout and stderr open.
exec 5<&0 </dev/null
{ while read -r word; do printf '%s\n' "$word" || exit; done; echo eof; } <&5 2>/dev/null >"$state/events" &
feeder=$!
{ while sleep 1; do echo tick || exit; done; } 5<&- 2>/dev/null >"$state/events" &
ticker=$!
exec 5<&- 3<"$state/events"

phase=idle pending='' leaving='' stopper=none starter=none gone=0
now; heard=$uptime since=$uptime

fire() { # fire ANSWER: start it again, once, and never while a stop is still going on
  case $phase in
    stopping) pending=${pending:-$1} ;;
    down)
      # The phase decides; the file is for a guard that comes after us, and may have been taken away.
      mv "$state/armed" "$state/firing" 2>/dev/null || :
      phase=starting answer=$1
      start_container 3<&- >"$state/events" &
      starter=$! ;;
  esac
}
leave() {
  kill "$ticker" "$feeder" 2>/dev/null
  end_readers
  if undo_all && [ "$1" != 74 ]; then rm -rf "$state"; fi
  drop_locks
  [ "$1" = 74 ] || say bye
  exit "$1"
}
hang_up() { # the other end is gone: $1 says how that was noticed
  leaving=yes
  case $phase in
    idle | back | disarmed) leave 0 ;;
    *) fire "fired $1" ;;
  esac
}
settle() { # the container is up again, or cannot be brought up
  phase=back
  say "$1"
  [ "$1" != failed ] || leave 74
  rm -f "$state/firing"
  [ -z "$leaving" ] || leave 0
}
watch_clock() {
  now
  [ $((uptime - heard)) -le "$limit" ] || [ -n "$leaving" ] || hang_up silence
  case $phase in
    stopping | down)
      if [ "$maxdown" -gt 0 ] && [ $((uptime - since)) -ge "$maxdown" ]; then fire 'fired max-downtime'; fi ;;
  esac
  case $phase in # a child that was killed says nothing; one that has just ended may have its line in the queue
    stopping) if alive "$stopper" || still_stopping; then gone=0; else gone=$((gone + 1)); fi ;;
    starting) if alive "$starter"; then gone=0; else gone=$((gone + 1)); fi ;;
  esac
  [ "$gone" -ge 3 ] || return
  gone=0
  case $phase in
    stopping) stopped 137 ;;
    starting) if running || [ "$(start_container)" = vz-up ]; then settle "$answer"; else settle failed; fi ;;
  esac
}
stopped() {
  [ "$phase" = stopping ] || return
  rm -f "$state/stopping"
  phase=down
  say "stopped $1"
  [ -z "$pending" ] || fire "$pending"
}

say ready
while :; do
  # A trapped signal interrupts read as well; without a feeder it is the end of input.
  if ! read -r word code <&3; then
    if alive "$feeder"; then word=tick; else word=eof; sleep 1; fi
  fi
  case $word in beat | stop | start | disarm | undo | unlock | lock | end) now; heard=$uptime ;; esac
  case $word in
    beat) say beat ;;
    tick) watch_clock ;;
    eof) [ -n "$leaving" ] || hang_up eof ;;
    vz-stopped) stopped "$code" ;;
    vz-up) [ "$phase" != starting ] || settle "$answer" ;;
    vz-failed) [ "$phase" != starting ] || settle failed ;;
    stop)
      if [ "$phase" != idle ] || [ -z "$has_lock" ]; then say refused stop; continue; fi
      # Not `:`, a special builtin: its failed redirection would end the shell.
      true >"$state/armed" || leave 73
      phase=stopping since=$uptime
      stop_container "$code" 3<&- >"$state/events" &
      stopper=$! ;;
    start)
      case $phase in
        idle) say started ;;
        stopping | down) fire started ;;
        starting) : ;;
        back) say fired earlier ;;
        disarmed) say refused start ;;
      esac ;;
    disarm)
      case $phase in
        idle | disarmed) phase=disarmed; say disarmed ;;
        down)
          if mv "$state/armed" "$state/disarmed"; then phase=disarmed; say disarmed; else say refused disarm; fi ;;
        stopping) say refused disarm ;;
        *) say fired earlier ;;
      esac ;;
    unlock) unlock; say unlocked ;;
    lock)
      if [ -n "$has_lock" ]; then say relocked
      elif take_lock "$lock"; then has_lock=yes; say relocked
      else say "busy ${holder:-?}"; fi ;;
    undo)
      if printf '%s\n' "$code" >>"$state/undo"; then say noted; else say refused undo; fi ;;
    end) case $phase in idle | back | disarmed) leave 0 ;; *) hang_up end ;; esac ;;
  esac
done

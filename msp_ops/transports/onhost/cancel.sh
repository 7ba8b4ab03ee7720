# Variables: id. Stops what runs, with everything that it started: found by its control group, its session and a word in
# its environment. The supervisor stays, to say how it ended; where it is dead, we say it.
members() {
  grep -slzxF "MSP_OPS_PARCEL=$id" /proc/[0-9]*/environ
  grep -sl "/msp-ops-$id\.service" /proc/[0-9]*/cgroup
  # its session's number stays its own as long as its first process lives
  ! alive "$here/began" || grep -slE "\) [A-Z] [0-9]+ [0-9]+ $number " /proc/[0-9]*/stat
}
victims() {
  supervisor=
  { read -r supervisor _ <"$here/pid"; } 2>/dev/null
  for file in $(members); do
    file=${file#/proc/}
    identity "${file%%/*}" && [ "$session" != "$supervisor" ] || continue
    case " $known " in *" $number:${who#* } "*) ;; *) known="$known $number:${who#* }" ;; esac
  done
  left=
  for each in $known; do
    ! identity "${each%:*}" || [ "$who" != "${each%:*} ${each#*:}" ] || left="$left ${each%:*}"
  done
  [ -n "$left" ]
}
# SIGNAL TENTHS: send it until nobody is left, at most for so long.
stop_all() {
  n=0
  while victims; do
    [ "$n" -lt "$2" ] || return 1
    [ $((n % 10)) != 0 ] || kill -s "$1" $left 2>/dev/null
    n=$((n + 1))
    sleep 0.1
  done
}
close_it
stand
case $is in
running* | 'interrupted killed')
  known=
  case $is in running*) ran=1 ;; *) ran= ;; esac
  echo >"$here/cancelled"
  stop_all TERM 100 || stop_all KILL 50
  n=0
  while alive "$here/pid" && [ ! -e "$here/exit" ] && [ "$n" -lt 50 ]; do
    n=$((n + 1))
    sleep 0.1
  done
  stand
  if [ "$is" = 'interrupted killed' ] && [ -n "$ran$known" ]; then
    echo '- cancelled - 0' >"$here/exit.part"
    mv "$here/exit.part" "$here/exit"
    [ ! -d "$durable" ] || cp "$here/output" "$here/exit" "$durable/" 2>/dev/null
    stand
  fi
  ;;
esac
tell

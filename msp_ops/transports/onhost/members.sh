# Who works for the parcel `id` in the folder `here`, with everything that it started: found by its control group, its
# session and a word in its environment.
members() {
  grep -slzxF "MSP_OPS_PARCEL=$id" /proc/[0-9]*/environ
  grep -sl "/msp-ops-$id\.service" /proc/[0-9]*/cgroup
  # its session's number stays its own as long as one process is in it; a stranger who has it now begins a session anew
  { read -r leader began <"$here/began"; } 2>/dev/null || return
  case $leader in '' | *[!0-9]*) return ;; esac
  ! identity "$leader" || [ "$who" = "$leader $began" ] || return
  grep -slE "\) [A-Z] [0-9]+ [0-9]+ $leader " /proc/[0-9]*/stat
}
# Sets `left` to those that live, without the supervisor and its own; `known` keeps whoever was found once.
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
# A script, or who watches it, may be killed and what it had begun go on.
at_work() {
  { read -r leader _ <"$here/began"; } 2>/dev/null || return
  case $leader in '' | *[!0-9]*) return 1 ;; esac
  (known= && victims)
}

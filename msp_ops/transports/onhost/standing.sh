# Sets `is` to how the parcel stands; `from` is where the output of what has ended lies.
has_ended() {
  { read -r status how took lost <"$1/exit"; } 2>/dev/null && [ -n "$lost" ] || return 1
  from=$1 is="ended $status $lost $how $took"
}
this_boot() { [ "$(cat "$1" 2>/dev/null)" = "$(cat /proc/sys/kernel/random/boot_id)" ]; }
# The one step that decides: the script's own process makes the same link before it runs anything.
take() {
  echo withdrawn >"$here/no.$$" && { ln "$here/no.$$" "$here/began" 2>/dev/null; rm -f "$here/no.$$"; }
  read -r first _ <"$here/began" || exit 95
  [ "$first" = withdrawn ] && [ -d "$durable" ] || return 0
  echo >"$durable/withdrawn" && sync "$durable/withdrawn" "$durable"
} 2>/dev/null
stand() {
  from='' first='' at=
  if [ ! -d "$here" ]; then
    stand_after_restart
    return
  fi
  { read -r first _ <"$here/began"; } 2>/dev/null
  if [ "$first" = withdrawn ] || [ ! -d "$here/committed" ]; then
    is=never
  elif has_ended "$here" || { [ -n "$durable" ] && has_ended "$durable"; }; then
    :
  elif [ -e "$here/boot" ] && ! this_boot "$here/boot"; then
    if [ -n "$first" ]; then is='interrupted restarted'; else is=never; fi
  elif alive "$here/began" || alive "$here/pid" || at_work; then
    clock
    { read -r at <"$here/tick" || read -r at <"$here/at"; } 2>/dev/null
    is="running $((now - ${at:-$now}))"
  elif [ -n "$first" ]; then
    has_ended "$here" || is='interrupted killed'
  elif is_starting; then
    is="running $((now - at))"
  elif ! has_ended "$here"; then
    take
    stand
  fi
}
# Committed a moment ago: its supervisor is still on its way, or has come while we looked.
is_starting() {
  clock
  at=$now
  if [ -e "$here/pid" ]; then
    alive "$here/pid"
    return
  fi
  [ -e "$here/at" ] || echo "$now" >"$here/at"
  { read -r at <"$here/at"; } 2>/dev/null || at=$now
  [ $((now - at)) -lt 6000 ]
}
stand_after_restart() {
  if [ -z "$durable" ] || [ ! -d "$durable" ]; then
    is=gone
  elif kept withdrawn; then
    is=never
  elif has_ended "$durable"; then
    :
  elif ! kept begun; then
    is=never
  elif this_boot "$durable/begun"; then
    is=gone
  else
    is='interrupted restarted'
  fi
}
tell() {
  echo "$is"
  [ -z "$from" ] || cat "$from/output" 2>/dev/null || :
}

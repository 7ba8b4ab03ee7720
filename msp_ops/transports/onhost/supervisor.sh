# Runs as: sh supervisor FOLDER SECONDS LIMIT STORE TOKEN DURABLE, once. Output past LIMIT bytes is counted, not kept; the
# script is never stopped by a full pipe. A process that the script leaves behind delays nothing.
cd "$1" || exit 1
here=$1 seconds=$2 limit=$3 store=$4 token=$5 durable=$6
umask 077
LC_ALL=C.UTF-8 LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL LANG PATH
# a machine that shuts down asks first: the script has the time that its unit gives
trap : TERM
identity self
echo "$who" >"pid.$$"
ln "pid.$$" pid 2>/dev/null || exit 0
took=0
publish() {
  lost=0
  [ ! -e cut ] || read -r lost <cut
  [ ! -e cancelled ] || set -- "$1" cancelled
  how=$2
  echo "$1 $how $took $lost" >exit.part
  exec 9>&-
  mv exit.part exit
}
refuse() {
  echo "msp: why $1" >output
  publish 75 in-time
  exit
}
# The host itself judges that it is changed by one run at a time, whatever the controllers believe. A script whose
# supervisor was killed is still at work, and so is what it began when it was killed too. Without flock two that come at
# once may both be refused, never both go on: each has said who it is before it looks.
exec 9>../lock
locked=
if command -v flock >/dev/null; then
  flock -n 9 || refuse 'another run of msp-ops is changing this host'
  locked=1
fi
for other in ../*/; do
  other=${other%/}
  [ "$other" != "../${here##*/}" ] && [ ! -e "$other/exit" ] || continue
  if alive "$other/began" || { [ -z "$locked" ] && alive "$other/pid"; } ||
    (id=${other##*/} here=$other && at_work); then
    refuse 'another run of msp-ops is changing this host'
  fi
done
# A younger lease of the same store was here: ours was given to somebody else, whatever we still believe.
seen=0
for fence in "../fences/$store" ${durable:+"${durable%/*}/fences/$store"}; do
  { read -r n <"$fence"; } 2>/dev/null || continue
  case $n in '' | *[!0-9]*) continue ;; esac
  [ "$n" -le "$seen" ] || seen=$n
done
[ "$token" -ge "$seen" ] || refuse 'a younger run of msp-ops holds this host'
keep_fence() { mkdir -p "$1" && echo "$token" >"$1/.$store" && mv "$1/.$store" "$1/$store"; }
fence=
if [ "$token" -gt "$seen" ]; then
  keep_fence ../fences || refuse "${here%/*} on this host cannot be written"
  [ ! -d "$durable" ] || ! keep_fence "${durable%/*}/fences" 2>/dev/null || fence=${durable%/*}/fences
fi
# After a restart a second copy that does not say `begun` proves that nothing ran: it says so, or it goes.
if [ -d "$durable" ]; then
  { cat /proc/sys/kernel/random/boot_id >"$durable/begun" &&
    sync "$durable/begun" "$durable" "${durable%/*}" ${fence:+"$fence/$store" "$fence"}; } 2>/dev/null ||
    { rm -rf "$durable" && sync "${durable%/*}"; } 2>/dev/null ||
    refuse "$durable on this host can neither be written nor removed"
fi
mkfifo pipe
at_once=
! command -v stdbuf >/dev/null || at_once="stdbuf -o0"
{
  $at_once head -c "$limit" >output
  wc -c >cut.part
  mv cut.part cut
} 9>&- <pipe &
reader=$!
(
  exec 9>&-
  nap=
  trap 'kill $nap; exit' TERM
  while alive pid; do
    clock
    echo "$now" >tick
    sleep 5 &
    nap=$!
    wait "$nap"
  done
) 2>/dev/null &
ticker=$!
clock
start=$now
(
  exec 9>&-
  trap - TERM
  identity self
  echo "$who" >began.part
  ln began.part began 2>/dev/null || exit 0
  umask 022
  MSP_OPS_PARCEL=${here##*/}
  export MSP_OPS_PARCEL
  exec setsid timeout -k 10 "$seconds" sh ./script </dev/null >pipe 2>&1
)
status=$?
# It was killed and what it had begun goes on: this change is not over before they are, and nobody can tell how it ended.
# For a second they may be dying too; after its time they are stopped, as `timeout` would have done.
id=${here##*/}
outlived=
clock
died=$now
until=$((start + seconds * 100))
while [ "$status" = 137 ] && [ "$died" -lt "$until" ] && [ ! -e cancelled ] && at_work; do
  clock
  if [ $((now - died)) -ge 100 ] || [ "$now" -ge "$until" ]; then outlived=1; fi
  [ "$now" -lt "$until" ] || break
  if [ -n "$outlived" ]; then sleep 1; else sleep 0.1; fi
done
if [ -n "$outlived" ] && [ ! -e cancelled ]; then
  known=
  stop_all TERM 100 || stop_all KILL 50
  kill "$ticker" 2>/dev/null
  exit
fi
kill "$ticker" 2>/dev/null
first=
{ read -r first _ <began; } 2>/dev/null
if [ "$first" = withdrawn ] || [ -z "$first" ]; then
  kill -s KILL "$reader"
  [ -n "$first" ] || refuse "${here%/*} on this host cannot be written"
  exit
fi
clock
took=$((now - start))
n=0
while [ ! -e cut ] && [ "$n" -lt 20 ]; do
  sleep 0.1
  n=$((n + 1))
done
if [ "$took" -ge $((seconds * 100)) ]; then publish "$status" too-long; else publish "$status" in-time; fi
[ -d "$durable" ] || exit 0
{
  cp output "$durable/output" || {
    rm -f "$durable/output"
    lost=$((lost + $(wc -c <output)))
  }
  echo "$status $how $took $lost" >"$durable/exit.part" && mv "$durable/exit.part" "$durable/exit"
  sync "$durable/output" "$durable/exit" "$durable"
  [ -d "$here" ] || rm -rf "$durable"
} 2>/dev/null

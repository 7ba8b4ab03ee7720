# Variables: id, seconds, limit, store, token. The first mkdir wins, every later one changes nothing.
! kept begun && ! kept withdrawn || exit 0
[ -f "$here/script" ] || { echo "nothing was delivered" >&2; exit 96; }
mkdir "$here/committed" 2>/dev/null || exit 0
cat /proc/sys/kernel/random/boot_id >"$here/boot"
clock
echo "$now" >"$here/at"
set -- sh "$here/supervisor" "$here" "$seconds" "$limit" "$store" "$token" "$durable"
# A unit of its own where systemd runs the machine: a login session's children may be killed with the session. What the
# script leaves running stays when the unit ends; one process that runs out of memory does not end the others; a machine
# that shuts down waits a little for the script.
in_unit() {
  systemd-run --quiet --collect --unit="msp-ops-$id" --property=KillMode=process --property=TasksMax=infinity \
    --property=TimeoutStopSec=20 "$@"
} </dev/null 2>/dev/null
if [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ] &&
  { in_unit --property=OOMPolicy=continue "$@" || in_unit "$@"; }; then
  exit 0
fi
setsid "$@" </dev/null >/dev/null 2>&1 &

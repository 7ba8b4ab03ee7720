# Runs as: sh supervisor FOLDER SECONDS LIMIT, once. Output past LIMIT bytes is counted, not kept; the script is never
# stopped by a full pipe. A process that the script leaves behind delays nothing.
cd "$1" || exit 1
mkdir started 2>/dev/null || exit 0
umask 022
LC_ALL=C.UTF-8 LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL LANG PATH
echo $$ >pid
publish() {
  [ -e cut ] || echo 0 >cut
  echo "$1 $2" >exit.part
  mv exit.part exit
}
# The host itself judges that it is changed by one run at a time, whatever the controllers believe.
exec 9>../lock
if command -v flock >/dev/null && ! flock -n 9; then
  echo "msp: why another run of msp-ops is changing this host" >output
  publish 75 in-time
  exit
fi
mkfifo pipe
at_once=
! command -v stdbuf >/dev/null || at_once="stdbuf -o0"
{
  $at_once head -c "$3" >output
  wc -c >cut.part
  mv cut.part cut
} <pipe 9>&- &
read -r begun _ </proc/uptime
timeout -k 10 "$2" sh ./script </dev/null >pipe 2>&1 9>&-
status=$?
read -r ended _ </proc/uptime
n=0
while [ ! -e cut ] && [ "$n" -lt 20 ]; do
  sleep 0.1
  n=$((n + 1))
done
if [ $((${ended%.*} - ${begun%.*})) -ge "$2" ]; then publish "$status" too-long; else publish "$status" in-time; fi

# Runs as: sh supervisor FOLDER SECONDS LIMIT, once. Output past LIMIT bytes is counted, not kept; the script is never
# stopped by a full pipe.
cd "$1" || exit 1
mkdir started 2>/dev/null || exit 0
umask 022
LC_ALL=C.UTF-8 LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL LANG PATH
echo $$ >pid
{
  timeout -k 10 "$2" sh ./script </dev/null
  echo $? >status
} 2>&1 | {
  head -c "$3" >output
  wc -c >cut
}
mv status exit

# Variables: id, from, most. Prints what the script says until it has ended, nobody works on it any more, or for `most`
# seconds.
cd "$here" 2>/dev/null || exit 96
o=$from w=0
clock
until=$((now + most * 100))
while :; do
  e=
  clock
  if [ -e exit ] || [ "$now" -ge "$until" ]; then
    e=1
  elif [ -e pid ] || [ -e began ]; then
    alive pid || alive began || e=1
  else
    w=$((w + 1))
    [ "$w" -lt 50 ] || e=1
  fi
  n=$(wc -c 2>/dev/null <output || echo 0)
  if [ "$n" -gt "$o" ]; then
    tail -c +$((o + 1)) output | head -c $((n - o))
    o=$n
  fi
  [ -z "$e" ] || break
  sleep 0.2
done

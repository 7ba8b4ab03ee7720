# Variables: id, from. Prints what the script says until it has ended, or until nobody works on it any more.
cd "$here" 2>/dev/null || exit 96
o=$from w=0
while :; do
  e=
  if [ -e exit ]; then
    e=1
  elif [ -e pid ]; then
    read -r p <pid
    [ -d "/proc/$p" ] || { [ -e exit ] || e=1; }
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

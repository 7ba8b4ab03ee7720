# Variables: id. Stops what runs, with everything that it started. The supervisor stays, to say how it ended; where it is
# dead, we say it.
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

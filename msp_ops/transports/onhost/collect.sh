# Variables: id. First line: how it stands; then the output.
if [ ! -d "$here/committed" ]; then
  if [ -d "$here" ]; then echo never; else echo gone; fi
elif [ -e "$here/exit" ]; then
  read -r r t <"$here/exit"
  read -r c <"$here/cut"
  echo "ended $r $c $t"
  cat "$here/output"
elif [ -e "$here/pid" ] && read -r p <"$here/pid" && [ -d "/proc/$p" ]; then
  echo running
else
  echo gone
fi

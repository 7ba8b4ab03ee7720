# Variables: id. What still runs is left alone.
if [ -e "$here/exit" ] || [ ! -d "$here/committed" ]; then rm -rf -- "$here"; fi

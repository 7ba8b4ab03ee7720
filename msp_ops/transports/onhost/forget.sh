# Variables: id. What still runs is left alone. The supervisor may be writing the second copy: ours goes first, it looks.
stand
case $is in
running*) ;;
*)
  rm -rf -- "$here"
  [ -z "$durable" ] || rm -rf -- "$durable"
  ;;
esac

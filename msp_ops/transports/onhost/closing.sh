# After this nobody begins it any more: neither a commit that is still to come nor one that is on its way. Of what is not
# known here nothing is made, so that `gone` never becomes `never`.
close_it() {
  if [ -d "$here" ]; then
    mkdir "$here/committed" 2>/dev/null
    [ -e "$here/exit" ] || take
    # it may hold a secret, and nobody needs it any more
    { read -r first _ <"$here/began"; } && [ "$first" = withdrawn ] && rm -f "$here/script" "$here/script.part"
  elif [ -d "$durable" ] && ! kept begun; then
    echo >"$durable/withdrawn"
  fi
} 2>/dev/null

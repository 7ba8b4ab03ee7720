# Runs as: sh -c LOADER msp-ops TAG LENGTH SHA256. The nonce of the frames comes on standard input, before the payload: a
# command line can be read by everybody on the host, and who knows the nonce can end our answer. It travels as one line inside a pair of single quotes, through login
# shells of every kind (csh takes no newline there): no single quotes in here, and every command ends in its own sign.
# A payload that came short or wrong is never run; end of input before it is whole ends us.
LC_ALL=C.UTF-8 LANG=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin;
export LC_ALL LANG PATH;
printf "\036%s ready\036" "$1";
IFS= read -r n;
s=$(head -c "$2"; printf x);
s=${s%x};
h=$(printf %s "$s" | sha256sum);
case $h in
"$3"*) ;;
*) printf "\036%s short\036" "$n"; exit 97 ;;
esac;
printf "\036%s begin\036" "$n";
(while sleep 3; do printf "\036%s tick\036" "$n"; done) &
t=$!;
(eval "$s") </dev/null 2>&1;
r=$?;
kill "$t" 2>/dev/null;
printf "\036%s end %s\036" "$n" "$r";
exit "$r"

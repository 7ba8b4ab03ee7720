# Variables: id, script, supervisor, sum. Repeating is harmless until the commit, and after it.
[ ! -d "$here/committed" ] && ! kept begun && ! kept withdrawn || exit 0
mkdir -p "$here" || exit 95
printf %s "$supervisor" >"$here/supervisor" && printf %s "$script" >"$here/script.part" || exit 95
set -- $(sha256sum <"$here/script.part")
[ "$1" = "$sum" ] || { echo "the script did not arrive whole" >&2; exit 95; }
# what was delivered and never meant: its sender is dead, and it may hold a secret
find "$root" -mindepth 2 -maxdepth 2 '(' -name script -o -name script.part ')' -mtime +0 2>/dev/null |
  while read -r old; do [ -d "${old%/*}/committed" ] || rm -rf -- "${old%/*}"; done
[ -z "$durable" ] || {
  mkdir -p "$durable" && chmod 700 "${durable%/*}"
  [ ! -d "$here/committed" ] || rmdir "$durable"
  # what nobody came back for
  find "${durable%/*}" -mindepth 2 -maxdepth 2 '(' -name exit -o -name withdrawn ')' -mtime +30 |
    while read -r old; do rm -rf -- "${old%/*}"; done
  # what runs kept for their undo
  find "${durable%/*}/kept" -mindepth 1 -maxdepth 1 -mtime +90 -exec rm -rf -- '{}' +
} 2>/dev/null
mv "$here/script.part" "$here/script"

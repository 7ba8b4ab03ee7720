#!/bin/sh
# Where the scratch server lies, which dump it restores, and with which programs.
# shellcheck disable=SC2034,SC2154  # the parameters stand in front of it, and the scripts use what it finds
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

newest_dump() {
  find -H "$folder" -maxdepth 2 -type f -name "$begins*" ! -path '*[[:cntrl:]]*' \( -name '*.dump' -o -name '*.dump.gz' \
    -o -name '*.sql' -o -name '*.sql.gz' -o -name '*.backup' -o -name '*.pgdump' -o -name '*.tar' \) \
    -exec stat -c '%Y %n' -- {} + | sort -n | tail -n 1 | cut -d ' ' -f 2-
}
# Where Debian, Red Hat and others keep a server; the newest one of several.
server_programs() {
  for each in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/lib/postgresql*/bin /usr/libexec/postgresql* /usr/bin; do
    if [ -x "$each/initdb" ] && [ -x "$each/postgres" ]; then
      printf '%s %s\n' "$("$each/postgres" --version | sed 's/.* \([0-9][0-9.]*\).*/\1/')" "$each"
    fi
  done | sort -V | tail -n 1 | cut -d ' ' -f 2-
}
magic() { head -c 5 | od -An -tx1 | tr -d ' \n'; }
form_of() {
  form=$(magic <"$1")
  case $form in 1f8b*) form=gzip-$(gzip -dc -- "$1" 2>/dev/null | magic) ;; esac
  case $form in
    *5047444d50) echo archive ;;
    746f632e64) echo tar ;;
    2d2d* | 5345* | 0a* | 5c* | gzip-2d2d* | gzip-5345* | gzip-0a* | gzip-5c*) echo script ;;
    *) echo unknown ;;
  esac
}

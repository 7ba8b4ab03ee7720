#!/bin/sh
# Where the scratch server lies, which dump it restores, and with which programs.
# shellcheck disable=SC2034,SC2154  # the parameters stand in front of it, and the scripts use what it finds
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

newest_dump() {
  find -H "$folder" -maxdepth 2 -type f -name "$begins*" ! -path '*[[:cntrl:]]*' \( -name '*.sql' -o -name '*.sql.*' \
    -o -name '*.sql-*' -o -name '*.dump' -o -name '*.dump.*' -o -name '*.gz' -o -name '*.zst' -o -name '*.xz' -o -name '*.bz2' \) \
    ! -name '*.sha*' ! -name '*.md5' ! -name '*.log' ! -name '*.tmp' ! -name '*.part*' \
    -exec stat -c '%Y %n' -- {} + | sort -n | tail -n 1 | cut -d ' ' -f 2-
}
# A server whose programs are all here; MariaDB's have two names.
server_programs() {
  server='' client='' installer=''
  for each in mariadbd mysqld; do
    if found=$(command -v "$each" || ls /usr/libexec/"$each" 2>/dev/null); then server=$found; break; fi
  done
  for each in mariadb mysql; do
    if found=$(command -v "$each"); then client=$found; break; fi
  done
  for each in mariadb-install-db mysql_install_db; do
    if found=$(command -v "$each"); then installer=$found; break; fi
  done
  [ -n "$server" ] && [ -n "$client" ] || return 1
  case $("$server" --no-defaults --version 2>/dev/null) in *MariaDB*) kind=MariaDB ;; *) kind=MySQL ;; esac
  [ "$kind" = MySQL ] || [ -n "$installer" ]
}
need_programs() { server_programs || blocked "this host has no MySQL or MariaDB server (mysqld, mysql): it cannot restore"; }
opener() {
  case $(head -c 4 -- "$1" | od -An -tx1 | tr -d ' \n') in
    1f8b*) echo gzip ;;
    28b52ffd) echo zstd ;;
    fd377a58) echo xz ;;
    425a68*) echo bzip2 ;;
    2d2d* | 2f2a* | 5345* | 0a* | efbbbf2d) echo cat ;;
    *) echo unknown ;;
  esac
}
contents() {
  case $with in
    cat) cat -- "$dump" ;;
    *) "$with" -dc -- "$dump" ;;
  esac
}

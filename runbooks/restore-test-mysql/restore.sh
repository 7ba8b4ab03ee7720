#!/bin/sh
# Restores the newest dump into a server of its own, which listens on nothing but a socket in its scratch folder, counts
# the rows, and removes it, whatever comes. Servers that this host has are neither asked nor touched.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# A dump is a program: it runs as nobody, who owns nothing but the server's folder. What root writes lies elsewhere.
as_nobody() {
  $apart env -i PATH="$PATH" HOME="$place/server" TMPDIR="$place/server" LC_ALL=C.UTF-8 runuser -u nobody -- "$@"
}
remove() {
  if [ -d "$place" ]; then end_processes "$place" || true; fi
  rm -rf -- "$place" ${work:+"$work"}
}
in_scratch() { as_nobody "$client" --no-defaults --socket="$place/server/s" --user=root "$@"; }

# The server's own root has no password and only nobody and root reach the socket: there is no secret to hand over.
make_server() {
  mkdir -p -- "$place/server/tmp" && chown nobody -- "$place/server/tmp" || return 1
  if [ "$kind" = MariaDB ]; then
    as_nobody "$installer" --no-defaults --datadir="$place/server/db" --auth-root-authentication-method=normal \
      --skip-test-db --skip-name-resolve
  else
    as_nobody "$server" --no-defaults --initialize-insecure --datadir="$place/server/db"
  fi
}
start_server() {
  (
    cd "$place/server"
    make_server
    set -- --skip-log-bin --secure-file-priv="$place/server/tmp" --tmpdir="$place/server/tmp"
    if [ "$kind" = MySQL ]; then set -- "$@" --mysqlx=OFF; fi
    as_nobody "$server" --no-defaults --datadir="$place/server/db" --socket="$place/server/s" --skip-networking \
      --pid-file="$place/server/pid" --log-error="$place/server/log.err" --innodb-flush-log-at-trx-commit=0 \
      --innodb-doublewrite=0 --innodb-buffer-pool-size=64M --max-allowed-packet=1G --event-scheduler=OFF \
      --loose-skip-slave-start --loose-skip-replica-start "$@" &
    tries=0
    until in_scratch -e 'CREATE DATABASE IF NOT EXISTS restored' 2>/dev/null; do
      tries=$((tries + 1))
      kill -0 $! 2>/dev/null && [ "$tries" -lt 300 ] || exit 1
      sleep 0.2
    done
  ) >"$work/started" 2>&1 </dev/null
}

# Passes the dump on and counts the rows that it brings. In data mysqldump writes the end of a line as two signs, so what
# stands at the beginning of a line is its own. Accounts are left out: they would lock us out, and belong to no table. So is
# what makes a server follow another one.
with_counts() {
  LC_ALL=C awk -v rows="$work/rows" -v ending="$work/ending" '
    function tuples(text) {
      gsub(/\047([^\047\\]|\\.|\047\047)*\047/, "", text)
      return gsub(/\(/, "", text)
    }
    function statement_ends(text) { return text ~ /;[ \r]*$/ }
    /^-- (MySQL|MariaDB) dump/ { known = 1 }
    /^-- Current Database: `/ {
      database = $0; sub(/^-- Current Database: `/, "", database); sub(/`[ \r]*$/, "", database); gsub(/``/, "`", database)
      left_out = (database == "mysql")
      if (left_out) skipped = 1
    }
    /^-- Dump completed/ { done = NR; left_out = 0 }
    left_out { next }
    !inserting && /^(CHANGE (MASTER|REPLICATION SOURCE) TO|(START|STOP|RESET) (ALL )?(SLAVE|REPLICA))/ { following = 1 }
    following { if (statement_ends($0)) following = 0; next }
    { print }
    inserting { n[key] += tuples($0); if (statement_ends($0)) inserting = 0; next }
    /^(INSERT|REPLACE) (IGNORE )?INTO `/ {
      text = $0; sub(/^(INSERT|REPLACE) (IGNORE )?INTO /, "", text)
      match(text, /^`([^`]|``)+`/); key = database "\t" substr(text, 1, RLENGTH); text = substr(text, RLENGTH + 1)
      sub(/^ \((`([^`]|``)*`(, ?)?)+\)/, "", text)
      n[key] += tuples(text); inserting = !statement_ends(text)
    }
    BEGIN { database = "restored" }
    END {
      for (key in n) if (key !~ /[\001-\010\012-\037\177]/) print key "\t" n[key] >rows
      print (known ? "known" : "strange"), (done && NR - done <= 12) ? "complete" : "unfinished", skipped + 0 >ending
    }'
}

restore() {
  : >"$work/rows"
  began=$(hundredths)
  (
    cd "$place/server"
    code=0
    { contents 2>"$work/reading" || echo cut >"$work/cut"; } | with_counts |
      in_scratch --default-character-set=utf8mb4 --binary-mode restored >/dev/null 2>"$work/errors" || code=$?
    printf '%s\n' "$code" >"$work/code"
  ) &
  while [ ! -s "$work/code" ] && kill -0 $! 2>/dev/null; do
    if [ "$(du -sk -- "$place" 2>/dev/null | cut -f 1)" -gt $((quota / 1024)) ]; then
      end_processes "$place" || true
      wait || true
      blocked "the restored databases need more than the quota of $((quota / 1048576)) MiB"
    fi
    sleep 0.5
  done
  wait || true
  took=$(($(hundredths) - began))
  head -n 20 "$work/errors" | quoted
  if grep -q -E 'No space left on device|is full' "$work/errors" "$place/server/log.err"; then
    blocked "$scratch is full: give it room or a smaller dump"
  fi
}

# Each table against the number of rows that the dump brought for it.
count_rows() {
  tables=0 rows=0 wrong=
  cut -f 1 "$work/rows" | sort -u >"$work/databases"
  while IFS= read -r database; do
    LC_ALL=C awk -F '\t' -v OFS= 'BEGIN { database = ENVIRON["database"] }
      $1 == database { print "SELECT ", $3, ", count(*) FROM ", $2, ";" }' "$work/rows" >"$work/questions"
    (cd "$place/server" && in_scratch --skip-column-names --batch --default-character-set=utf8mb4 -- "$database" \
      <"$work/questions") >"$work/answers" 2>>"$work/errors" || wrong="tables of $database cannot be counted"
    check_counts
  done <"$work/databases"
}

# Until a moment ago, when it was first looked at, somebody wrote it; or it is gone.
is_new() { [ "$(stat -c %Y -- "$dump" 2>/dev/null || echo "$looked_at")" -ge $((looked_at - 120)) ]; }
came_back() { [ ! -e "$work/cut" ] && [ "$(cat "$work/code")" = 0 ] && [ "$known $ending" = "known complete" ]; }
judge() {
  read -r known ending skipped <"$work/ending" || known=strange ending=unfinished skipped=0
  if [ "$skipped" = 1 ]; then echo "its accounts (the database mysql) were not restored"; fi
  if ! came_back && is_new; then
    note "busy $dump did not come back whole, but was written a moment ago: is it still being written?"
  elif [ -e "$work/cut" ]; then
    note "problem the dump cannot be read to its end: $(grep -m 1 . "$work/reading" | words 200)"
  elif [ "$known" = strange ]; then
    note "problem it does not begin as a dump of MySQL or MariaDB does"
  elif [ "$(cat "$work/code")" != 0 ]; then
    note "problem it cannot be restored: $(grep -m 1 -E 'ERROR' "$work/errors" | words 200)"
  elif [ "$ending" != complete ]; then
    note "problem the dump has no end: Dump completed is missing (a dump made with skip-comments never has it)"
  elif [ -n "$wrong" ]; then
    note "problem $wrong"
  elif [ "$rows" -eq 0 ]; then
    note "problem the dump brings no row"
  fi
}

# A dump of one kind need not be understood by a server of the other: that says nothing of the dump.
refuse_other_kind() {
  case $(contents 2>/dev/null | head -n 5 | grep -a -m 1 -E '^-- (MySQL|MariaDB) dump') in
    *MariaDB*) of=MariaDB ;;
    *'MySQL dump'*) of=MySQL ;;
    *) return 0 ;;
  esac
  [ "$of" = "$kind" ] || blocked "the dump comes from $of and this host has a server of $kind: it cannot be restored here"
}

[ "$(id -u)" -eq 0 ] || blocked "making the scratch server needs root, to give up every right"
command -v runuser >/dev/null || blocked "runuser is not installed on this host"
need_programs
check_room_for_a_server
begin_notes
dump=$(newest_dump 2>/dev/null) || true
if [ -z "$dump" ]; then
  note "problem $folder holds no dump${begins:+ whose name begins with $begins}"
  exit 0
fi
looked_at=$(date +%s)
with=$(opener "$dump")
if [ "$with" = unknown ]; then
  if is_new; then blocked "$dump was written a moment ago and does not begin as a dump does yet: is it still being written?"; fi
  note "problem $dump is no dump in a form that is known here (is it encrypted, or empty?)"
  exit 0
fi
command -v "$with" >/dev/null || blocked "$with is not installed on this host: the dump cannot be unpacked"
refuse_other_kind
work=
sweep begun-mysql end_processes
work=$(mktemp -d /run/restore-test-mysql.XXXXXX) || blocked "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
mkdir -p -- "$msp_kept/begun-mysql"
cut_off
mkdir -m 0711 -- "$place" || blocked "the scratch folder $place cannot be made"
trap remove EXIT
mkdir -m 0700 -- "$place/server"
chown nobody -- "$place/server"
if ! start_server; then
  cat "$work/started" "$place/server/log.err" 2>/dev/null | tail -n 30 | quoted
  blocked "a scratch server cannot be started: $(cat "$place/server/log.err" "$work/started" 2>/dev/null | grep -m 1 -E 'rror' | words 200)"
fi
printf '%s\n' "$dump" | quoted
restore
export database=
count_rows
judge
note "figures $(seconds_of "$took") $(stat -c %s -- "$dump") $tables $rows"
remove
[ ! -e "$place" ] || failed "the scratch folder $place cannot be removed"
printf 'msp: changed restore-test a dump of %s tables and %s rows was restored into a scratch server and removed again\n' "$tables" "$rows"
note "done"

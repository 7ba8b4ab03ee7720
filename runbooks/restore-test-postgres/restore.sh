#!/bin/sh
# Restores the newest dump into a server of its own, which listens on nothing but a socket in its scratch folder, counts
# the rows, and removes it, whatever comes. Servers that this host has are neither asked nor touched.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# A dump is a program: it runs as nobody, who owns nothing but the server's folder. What root writes lies elsewhere.
as_nobody() { $apart env -i PATH="$programs:$PATH" LC_ALL=C.UTF-8 runuser -u nobody -- "$@"; }
stop_server() { (cd / && as_nobody pg_ctl -D "$place/server/db" -m immediate -w stop >/dev/null 2>&1) || true; }
remove() {
  if [ -d "$place" ]; then stop_server; fi
  rm -rf -- "$place" ${work:+"$work"}
}
# Another name than a dump's roles have: one that the server has already could not be made.
in_scratch() { as_nobody psql -X -q -h "$place/server" -U msp_ops_scratch "$@"; }

start_server() {
  (
    cd "$place/server"
    as_nobody initdb -D "$place/server/db" -U msp_ops_scratch -A trust -N -E UTF8 --locale=C.UTF-8
    as_nobody pg_ctl -D "$place/server/db" -w -l "$place/server/log" start -o \
      "-c listen_addresses= -c unix_socket_directories=$place/server -c fsync=off -c full_page_writes=off -c max_connections=10 -c jit=off"
    as_nobody createdb -h "$place/server" -U msp_ops_scratch restored
  ) >"$work/said" 2>&1 </dev/null
}

# As one script, whatever its form; `cut` is written when it cannot be read to its end.
as_script() {
  case $form in
    tar) { tar -tf "$dump" >/dev/null && as_nobody pg_restore -f - <"$dump"; } || echo cut >"$work/cut" ;;
    archive) { case $dump in *.gz) gzip -dc -- "$dump" ;; *) cat -- "$dump" ;; esac || echo cut >"$work/cut"; } |
      { as_nobody pg_restore -f - || echo cut >"$work/cut"; } ;;
    *) case $dump in *.gz) gzip -dc -- "$dump" ;; *) cat -- "$dump" ;; esac || echo cut >"$work/cut" ;;
  esac 2>"$work/reading"
}

# Passes the script on, counts the rows that it brings, and makes the roles that it takes for granted.
with_counts() {
  LC_ALL=C awk -v rows="$work/rows" -v ending="$work/ending" '
    function needs(role) {
      sub(/ (WITH GRANT OPTION|GRANTED BY .*)$/, "", role)
      if (role !~ /^([a-z_][a-z0-9_$]*|"([^"]|"")+")$/ || role in seen) return
      seen[role] = 1
      print "DO $msp_ops$ BEGIN CREATE ROLE " role "; EXCEPTION WHEN duplicate_object OR reserved_name THEN NULL; END $msp_ops$;"
    }
    copying { if ($0 == "\\.") { copying = 0; print database "\t" table "\t" n >rows } else n++; print; next }
    /^-- Data for Name: / { announced = NR }
    announced && NR - announced < 9 && /^COPY .* FROM stdin;$/ {
      table = $0; sub(/^COPY /, "", table); sub(/ \(.*\) FROM stdin;$| FROM stdin;$/, "", table); copying = 1; n = 0
    }
    /^INSERT INTO / { inserts++; announced = 0 }
    /^\\connect / {
      database = $0; sub(/^.connect (-reuse-previous=on )?/, "", database); gsub(/^"(dbname=\047)?|\047?"$/, "", database)
    }
    /^ALTER .* OWNER TO .*;$/ { role = $0; sub(/^.* OWNER TO /, "", role); sub(/;$/, "", role); needs(role) }
    /^(GRANT|ALTER DEFAULT PRIVILEGES) .* TO .*;$/ { role = $0; sub(/^.* TO /, "", role); sub(/;$/, "", role); needs(role) }
    /^REVOKE .* FROM .*;$/ { role = $0; sub(/^.* FROM /, "", role); sub(/;$/, "", role); needs(role) }
    /^ALTER DEFAULT PRIVILEGES FOR ROLE / {
      role = $0; sub(/^.* FOR ROLE /, "", role); sub(/ (IN SCHEMA|GRANT|REVOKE) .*$/, "", role); needs(role)
    }
    /^-- PostgreSQL database( cluster)? dump complete/ { complete = NR }
    { print }
    END { print (complete && NR - complete <= 12) ? "complete" : "unfinished", inserts + 0 >ending }
    BEGIN { database = "restored"; seen["msp_ops_scratch"] = 1 }'
}

restore() {
  : >"$work/rows"
  began=$(hundredths)
  (
    cd "$place/server"
    code=0
    as_script | with_counts | in_scratch -v ON_ERROR_STOP=1 -d restored >/dev/null 2>"$work/errors" || code=$?
    printf '%s\n' "$code" >"$work/code"
  ) &
  while [ ! -s "$work/code" ] && kill -0 $! 2>/dev/null; do
    if [ "$(du -sk -- "$place" 2>/dev/null | cut -f 1)" -gt $((quota / 1024)) ]; then
      stop_server
      wait || true
      blocked "the restored databases need more than the quota of $((quota / 1048576)) MiB"
    fi
    sleep 0.5
  done
  wait || true
  took=$(($(hundredths) - began))
  head -n 20 "$work/errors" | quoted
  if grep -q 'No space left on device' "$work/errors"; then blocked "$scratch is full: give it room or a smaller dump"; fi
}

# Each table against the number of rows that the dump brought for it.
count_rows() {
  tables=0 rows=0 wrong=
  cut -f 1 "$work/rows" | sort -u >"$work/databases"
  while read -r database; do
    awk -F '\t' -v database="$database" '$1 == database { of[$2] += $3 }
      END { for (table in of) printf "SELECT %.0f, count(*) FROM ONLY %s;\n", of[table], table }' "$work/rows" >"$work/questions"
    (cd "$place/server" && in_scratch -A -t -F ' ' -d "$database" <"$work/questions") >"$work/answers" 2>>"$work/errors" || wrong="tables of $database cannot be counted"
    check_counts
  done <"$work/databases"
}

judge() {
  read -r ending inserts <"$work/ending" || ending=unfinished inserts=0
  # Rows that come as INSERT are not counted table by table: psql has stopped at the first that failed.
  if [ "$tables" -eq 0 ]; then rows=$inserts; fi
  if [ -e "$work/cut" ]; then
    note "problem the dump cannot be read to its end: $(grep -m 1 . "$work/reading" | words 200)"
  elif [ "$(cat "$work/code")" != 0 ]; then
    note "problem it cannot be restored: $(grep -m 1 -E 'ERROR|FATAL' "$work/errors" | words 200)"
  elif [ "$ending" != complete ]; then
    note "problem the dump has no end: PostgreSQL database dump complete is missing"
  elif [ -n "$wrong" ]; then
    note "problem $wrong"
  elif [ "$tables" -eq 0 ] && [ "$inserts" -eq 0 ]; then
    note "problem the dump brings no row"
  fi
}

[ "$(id -u)" -eq 0 ] || blocked "making the scratch server needs root, to give up every right"
command -v runuser >/dev/null || blocked "runuser is not installed on this host"
programs=$(server_programs)
[ -n "$programs" ] || blocked "this host has no PostgreSQL server (initdb): it cannot restore"
check_room_for_a_server
begin_notes
dump=$(newest_dump 2>/dev/null) || true
if [ -z "$dump" ]; then
  note "problem $folder holds no dump${begins:+ whose name begins with $begins}"
  exit 0
fi
form=$(form_of "$dump")
if [ "$form" = unknown ]; then
  note "problem $dump is no dump in a form that is known here"
  exit 0
fi
work=
sweep begun end_processes
work=$(mktemp -d /run/restore-test-postgres.XXXXXX) || blocked "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
mkdir -p -- "$msp_kept/begun"
cut_off
mkdir -m 0711 -- "$place" || blocked "the scratch folder $place cannot be made"
trap remove EXIT
mkdir -m 0700 -- "$place/server"
chown nobody -- "$place/server"
if ! start_server; then
  quoted <"$work/said"
  blocked "a scratch server cannot be started: $(grep -m 1 -E 'error|FATAL|ERROR' "$work/said" | words 200)"
fi
printf '%s\n' "$dump" | quoted
restore
count_rows
judge
note "figures $(seconds_of "$took") $(stat -c %s -- "$dump") $tables $rows"
remove
[ ! -e "$place" ] || failed "the scratch folder $place cannot be removed"
printf 'msp: changed restore-test a dump of %s tables and %s rows was restored into a scratch server and removed again\n' "$tables" "$rows"
note "done"

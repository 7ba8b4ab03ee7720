#!/bin/sh
# Entries of priority 3 (error) and worse since a moment, counted by program.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# One finding for each program, so that it ends when the program is quiet. Numbers in a text are taken for equal; an entry
# of several lines goes on without a time in front.
count() {
  awk -v ignore=" ${ignore-} " '
    !/^[0-9]+\.[0-9]+ / || NF < 3 { next }
    {
      program = $3; sub(/(\[[0-9]+\])?:$/, "", program)
      text = $0; sub(/^[^ ]+ +[^ ]+ +[^ ]+ ?/, "", text)
      gsub(/[^A-Za-z0-9@._\/-]/, "_", program)
      total++
      if (index(ignore, " " program " ")) { ignored++; next }
      kind = text; gsub(/0x[0-9a-fA-F]+|[0-9]+/, "#", kind); kind = program SUBSEP substr(kind, 1, 120)
      if (!(program in entries)) order[++programs] = program
      if (!(kind in seen)) kinds[program]++
      entries[program]++
      if (++seen[kind] > often[program]) { often[program] = seen[kind]; sample[program] = substr(text, 1, 160) }
    }
    END {
      print "msp: measurement journal_errors " total + 0 " entries"
      print "msp: measurement journal_errors_ignored " ignored + 0 " entries"
      for (i = 1; i <= programs; i++) {
        program = order[i]
        printf "%d %s %d %d %s\n", entries[program], program, kinds[program], often[program], sample[program] | "sort -rn"
      }
      close("sort -rn")
    }' | awk -v most=25 '
    /^msp: / { print; next }
    {
      if (++told > most) { rest++; next }
      text = $0; sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ ?/, "", text)
      if ($1 == 1) print "msp: finding warning " $2 " one error: " text
      else print "msp: finding warning " $2 " " $1 " errors of " $3 " kinds; the most frequent (" $4 " times): " text
    }
    END { if (rest) print "msp: finding warning other-programs " rest " more programs have errors" }'
}

require_journal
# As bytes: what is no text in any language must not stop the reader.
LC_ALL=C
code=0
journalctl --quiet --no-pager --output=short-unix --priority=3 --since="@$begin" </dev/null >/dev/null 2>&1 || code=$?
[ "$code" -eq 0 ] || blocked "the journal cannot be read: journalctl ended with $code"
journalctl --quiet --no-pager --output=short-unix --priority=3 --since="@$begin" 2>/dev/null </dev/null | masked | count
echo "--- the last 40"
journalctl --quiet --no-pager --output=short-iso --priority=3 --since="@$begin" --lines=40 2>/dev/null </dev/null |
  masked | cut -c 1-300 | quoted

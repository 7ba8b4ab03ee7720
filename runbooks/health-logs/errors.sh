#!/bin/sh
# Entries of priority 3 (error) and worse since a moment, counted by program.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# Others chose these words and names: none of their lines may pass for a report.
quoted() { LC_ALL=C sed -e 's/\t/        /g' -e 's/[[:cntrl:]]/?/g' -e 's/^/  /'; }
# A finding is read by many: what follows a word for a secret is masked (as in diagnose-host).
secret='(pass(word|wd|phrase|code)?|pwd|token|secret|credentials?|(api|access|private|secret)[_-]?key|key)'
masked() {
  LC_ALL=C sed -E \
    -e 's#(://[^:/@[:space:]]*):[^@[:space:]]*@#\1:***@#g' \
    -e 's/(bearer|authorization:[[:space:]]*basic)[[:space:]]+[A-Za-z0-9._~+\/=-]+/\1 ***/Ig' \
    -e 's/(mysql[a-z]*[^|;]* -p)[^[:space:]]+/\1***/g' \
    -e 's/( -u |--user[ =])([^:[:space:]]*):[^[:space:]]+/\1\2:***/g' \
    -e 's/('"$secret"'["'\'']?([[:space:]]*[:=][[:space:]]*|[[:space:]]+(is[[:space:]]+)?))("[^"]*"|'\''[^'\'']*'\''|[^[:space:],;]+)/\1***/Ig'
}
blocked() {
  printf 'msp: why %s\n' "$*"
  exit 75
}

# A journal that begins later than asked for cannot say that nothing happened before.
require_journal() {
  command -v journalctl >/dev/null || blocked "this host keeps no journal (no journalctl)"
  first=$(journalctl --quiet --output=short-unix 2>/dev/null </dev/null | head -n 1 | cut -d . -f 1)
  case $first in "" | *[!0-9]*) blocked "the journal is empty: nothing can be said of errors" ;; esac
  begin=$(($(date +%s) - since))
  if [ "$first" -gt $((begin + 60)) ]; then
    printf 'msp: finding info journal begins at %s UTC: what was before is not known\n' \
      "$(date -u -d "@$first" '+%F %H:%M')"
  fi
}

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

#!/bin/sh
# What follows a word for a secret is masked, as people write it.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# password=x, "token": "x", --secret x, Authorization: Bearer x, https://user:x@host, mysql -px, curl -u user:x
secret='(pass(word|wd|phrase|code)?|pwd|token|secret|credentials?|(api|access|private|secret)[_-]?key|key)'
masked() {
  LC_ALL=C sed -E \
    -e 's#(://[^:/@[:space:]]*):[^@[:space:]]*@#\1:***@#g' \
    -e 's/(bearer|authorization:[[:space:]]*basic)[[:space:]]+[A-Za-z0-9._~+\/=-]+/\1 ***/Ig' \
    -e 's/(mysql[a-z]*[^|;]* -p)[^[:space:]]+/\1***/g' \
    -e 's/( -u |--user[ =])([^:[:space:]]*):[^[:space:]]+/\1\2:***/g' \
    -e 's/('"$secret"'["'\'']?([[:space:]]*[:=][[:space:]]*|[[:space:]]+(is[[:space:]]+)?))("[^"]*"|'\''[^'\'']*'\''|[^[:space:],;]+)/\1***/Ig'
}

#!/bin/sh
# Is every piece of the repository whole, also those that only old archives need? Needs no passphrase.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

cannot_tell() {
  printf 'msp: why %s\n' "$*"
  exit 75
}
# Others chose these words and names: none of their lines may pass for a report.
quoted() { LC_ALL=C sed -e 's/\t/        /g' -e 's/[[:cntrl:]]/?/g' -e 's/^/  /'; }
words() { LC_ALL=C tr '[:cntrl:]' ' ' | cut -c 1-300 | sed 's/ *$//'; }
# The line of borg's that says something; around it stand those of Python.
why() {
  grep -v -E '^( |Traceback|Local Exc|Exception ign|Platform:|Linux:|Borg:|PID:|sys.argv:|SSH_|$)' "$work/said" | head -n 1 | words
}

# borg's times have no zone, they are local ones: so it runs in UTC. What it would keep for the next time is thrown away.
ask_borg() {
  TZ=UTC BORG_CACHE_DIR=$work/cache BORG_SECURITY_DIR=$work/security BORG_RSH='ssh -o BatchMode=yes' \
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_RELOCATED_REPO_ACCESS_IS_OK=yes BORG_PASSPHRASE_FD=3 \
    nice borg "$@" 3<"${passphrase_file:-/dev/null}" </dev/null 2>"$work/said"
}

command -v borg >/dev/null || cannot_tell "borg is not installed on this host"
work=$(mktemp -d /run/check-backup-borg.XXXXXX) || cannot_tell "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
code=0
ask_borg --lock-wait 60 check --repository-only "$repository" >"$work/out" || code=$?
cat "$work/out" "$work/said" | head -n 40 | quoted
if [ "$code" -eq 0 ]; then exit 0; fi
why=$(why)
case $(cat "$work/said") in
  *'acquire the lock'*) cannot_tell "another borg is at work: the repository was not read" ;;
  *'ntegrity'* | *'index'* | *'egment'*) printf 'msp: finding critical repository:data %s\n' "$why" ;;
  *) cannot_tell "the repository was not read: ${why:-borg ended with $code}" ;;
esac

#!/bin/sh
# How borg is asked: without questions, without locks, and without noting anything for the next time.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# The line of borg's that says something; around it stand those of Python.
why() {
  { grep -v -E '^( |Traceback|Local Exc|Exception ign|Platform:|Linux:|Borg:|PID:|sys.argv:|SSH_|$)' "$work/said" ||
    echo "borg does not say why"; } | head -n 1 | words 200
}
# What this host knows of its repositories, as a copy: so borg sees one that was moved or put in another's place, and
# nothing is noted for the next time.
know_what_borg_knows() {
  known=${HOME:-/root}/.config/borg/security
  if [ -d "$known" ]; then cp -R -- "$known" "$work/security"; fi
}
# An ssh that gets no answer ends: a repository behind a link that is down is not reached, and nobody waits for it.
# borg's times have no zone, they are local ones: so it runs in UTC. What it would keep for the next time is thrown away.
# What root's borg knows of its repositories counts: one that moved since, or lost its encryption, may be another's.
ask_borg() {
  unencrypted=no
  if [ -z "$passphrase_file" ]; then unencrypted=yes; fi
  TZ=UTC BORG_CACHE_DIR=$work/cache BORG_SECURITY_DIR=$work/security BORG_PASSPHRASE_FD=3 \
    BORG_RSH='ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4' \
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=$unencrypted BORG_RELOCATED_REPO_ACCESS_IS_OK=no \
    nice borg "$@" 3<"${passphrase_file:-/dev/null}" </dev/null 2>"$work/said"
}

#!/bin/sh
# How does the web server answer, and is its configuration sound? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

pick_server || cannot_verify "$unclear"
printf '%s is %s\n' "$unit" "$(state)"
{ sound || true; } | quoted
if answers; then printf 'it answers as it should: %s\n' "$heard"; else printf 'it does not answer as it should: %s\n' "${heard:-silence}"; fi

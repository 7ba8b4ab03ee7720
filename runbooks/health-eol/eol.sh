#!/bin/sh
# How long does this host's release get security updates, by the table below?
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# The day on which the table was compared with endoflife.date, which names the publishers' own pages.
made=2026-08-22

# ID, VERSION_ID up to a point or whole, the end for everybody, a later end (- for none), and who gets updates until then.
table() {
  echo '
debian 8 2018-06-17 2020-06-30 lts
debian 9 2020-07-18 2022-07-01 lts
debian 10 2022-09-10 2024-06-30 lts
debian 11 2024-08-14 2026-08-31 lts
debian 12 2026-07-11 2028-06-30 lts
debian 13 2028-08-09 2030-06-30 lts
ubuntu 14.04 2019-04-02 2024-04-02 paid
ubuntu 16.04 2021-04-02 2026-04-02 paid
ubuntu 18.04 2023-05-31 2028-04-01 paid
ubuntu 20.04 2025-05-31 2030-04-02 paid
ubuntu 22.04 2027-04-01 2032-04-09 paid
ubuntu 24.04 2029-05-31 2036-05-31 paid
ubuntu 26.04 2031-04-30 2036-04-30 paid
rhel 6 2020-11-30 2024-06-30 paid
rhel 7 2024-06-30 2029-05-31 paid
rhel 8 2029-05-31 2033-05-31 paid
rhel 9 2032-05-31 2036-05-31 paid
rhel 10 2035-05-31 2039-05-31 paid
centos 6 2020-11-30 - -
centos 7 2024-06-30 - -
centos 8 2021-12-31 - -
centos-stream 8 2024-05-31 - -
centos-stream 9 2027-05-31 - -
centos-stream 10 2030-05-31 - -
rocky 8 2029-05-31 - -
rocky 9 2032-05-31 - -
rocky 10 2035-05-31 - -
almalinux 8 2029-05-31 - -
almalinux 9 2032-05-31 - -
almalinux 10 2035-05-31 - -
ol 6 2021-03-31 2024-12-31 paid
ol 7 2024-12-31 2028-06-30 paid
ol 8 2029-07-31 2032-07-31 paid
ol 9 2032-06-30 2035-06-30 paid
sles 12.5 2024-10-31 2027-10-31 paid
sles 15.2 2021-12-31 2024-12-31 paid
sles 15.3 2022-12-31 2025-12-31 paid
sles 15.4 2023-12-31 2026-12-31 paid
sles 15.5 2024-12-31 2027-12-31 paid
sles 15.6 2025-12-31 2028-12-31 paid
sles 15.7 2031-07-31 2034-07-31 paid
sles 16.0 2027-11-30 2030-11-30 paid
opensuse-leap 15.4 2023-12-07 - -
opensuse-leap 15.5 2024-12-31 - -
opensuse-leap 15.6 2026-04-30 - -
opensuse-leap 16.0 2027-10-31 - -
amzn 2018.03 2023-12-31 - -
amzn 2 2026-06-30 - -
amzn 2023 2029-06-30 - -'
}

# Read, never carried out; a value may stand in quotes.
release() {
  for file in /etc/os-release /usr/lib/os-release; do
    if [ -r "$file" ]; then
      sed -n "s/^$1=//p" "$file" | head -n 1 | tr -d "\"'" | LC_ALL=C tr -c 'A-Za-z0-9._ ()/\n-' '?'
      return 0
    fi
  done
}

# Days since 1970-01-01 of a date of the Gregorian calendar: no two programs called date agree on how to ask for it.
days() {
  awk -v date="$1" 'BEGIN {
    split(date, part, "-"); year = part[1]; month = part[2]; day = part[3]
    if (month <= 2) { year--; month += 12 }
    leap = int(year / 4) - int(year / 100) + int(year / 400)
    print 365 * year + leap + int((153 * (month - 3) + 2) / 5) + day - 719469 }'
}

id=$(release ID)
version=$(release VERSION_ID)
name=$(release PRETTY_NAME)
[ -n "$id" ] || blocked "this host does not say what it is: there is no os-release"
printf '%s\n' "${name:-$id $version}" | sed 's/^/  /'
case $id in centos) if [ "$(release NAME)" = "CentOS Stream" ]; then id=centos-stream; fi ;; esac
case $id in opensuse-tumbleweed | arch) echo "a rolling release: it is supported as long as it is updated"; exit 0 ;; esac
case $id in rhel | rocky | almalinux | ol | centos* | debian) version=${version%%.*} ;; esac

today=$(($(date +%s) / 86400))
table_age=$((today - $(days "$made")))
[ "$table_age" -ge 0 ] || blocked "the clock of this host shows a day before $made, when the table was made: it cannot be right"
if [ "$table_age" -gt 365 ]; then
  printf 'msp: finding warning table the table of releases was made on %s: it is too old to be believed\n' "$made"
fi

# shellcheck disable=SC2046  # the words of one line
set -- $(table | awk -v id="$id" -v version="$version" '$1 == id && $2 == version')
[ $# -eq 5 ] || blocked "the table of $made does not know $id ${version:-without a version}: how long it lives is not known"
end=$3 later=$4 who=$5
left=$(($(days "$end") - today))
printf 'msp: measurement support_days_left %s days\n' "$left"
if [ "$left" -ge 0 ]; then
  echo "supported until $end"
  if [ "$left" -le $((warn / 86400)) ]; then
    printf 'msp: finding warning release %s %s gets security updates until %s: %s days are left\n' \
      "$id" "$version" "$end" "$left"
  fi
elif [ "$later" = - ] || [ "$(days "$later")" -lt "$today" ]; then
  [ "$later" = - ] || end=$later
  printf 'msp: finding critical release %s %s gets no security updates any more since %s\n' "$id" "$version" "$end"
elif [ "$who" = lts ]; then
  more=$(($(days "$later") - today))
  if [ "$more" -le $((warn / 86400)) ]; then severity=warning; else severity=info; fi
  printf 'msp: finding %s release %s %s is past its regular support; its LTS team updates most packages until %s\n' \
    "$severity" "$id" "$version" "$later"
else
  printf 'msp: finding warning release %s %s gets updates since %s only for those who pay for them (until %s)\n' \
    "$id" "$version" "$end" "$later"
fi

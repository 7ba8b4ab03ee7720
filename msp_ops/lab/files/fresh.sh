# Runs as root above the gold layer at each `up`: everything with an age, relative to now.
set -e
umask 022
export RESTIC_PASSWORD_FILE=/root/.restic-password
cd /srv/backup
ago() { date -d "$1 ago" '+%Y-%m-%d %H:%M:%S'; }
back_up() { restic --quiet --no-cache backup --repo restic --host lab --time "$(ago "$1")" /srv/data; }

back_up '3 days'
cp -a restic restic-stale
back_up '4 hours'
cp -a restic restic-corrupt
pack=$(find restic-corrupt/data -type f -printf '%s %p\n' | sort -n | tail -1 | cut -d' ' -f2)
chmod u+w "$pack"
printf 'damaged damaged damaged damaged' |
  dd of="$pack" bs=1 seek=$(($(stat -c %s "$pack") / 2)) conv=notrunc status=none

cp -r postgres postgres-stale
touch -d '4 hours ago' postgres/* postgres-corrupt/*
touch -d '3 days ago' postgres-stale/*

mkdir -p /etc/ssl/private
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj /CN=lab-web \
  -keyout /etc/ssl/private/lab-web.key -out /etc/ssl/lab-web.pem 2>/dev/null
chmod 640 /etc/ssl/private/lab-web.key

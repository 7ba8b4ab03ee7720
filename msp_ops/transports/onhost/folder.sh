# Where parcels lie: in memory, so that a full or read-only disk can still be repaired. Not in XDG_RUNTIME_DIR: that is
# taken away when its user's last session ends, and the script goes on. Root's have a second copy on the disk.
umask 077
if [ "$(id -u)" = 0 ]; then root=/run/msp-ops; else root=/tmp/msp-ops-$(id -u); fi
mkdir -p "$root" && [ -O "$root" ] && [ ! -L "$root" ] && chmod 700 "$root" || { echo "cannot use $root" >&2; exit 95; }
TMPDIR=$root
export TMPDIR
here=$root/$id
durable=
[ "$root" != /run/msp-ops ] || durable=/var/lib/msp-ops/$id
kept() { [ -n "$durable" ] && [ -e "$durable/$1" ]; }

# Where parcels lie: memory, so that a full or read-only disk can still be repaired.
umask 077
if [ "$(id -u)" = 0 ]; then root=/run/msp-ops; else root=${XDG_RUNTIME_DIR:-/tmp}/msp-ops-$(id -u); fi
mkdir -p "$root" && [ -O "$root" ] && [ ! -L "$root" ] && chmod 700 "$root" || { echo "cannot use $root" >&2; exit 95; }
TMPDIR=$root
export TMPDIR
here=$root/$id

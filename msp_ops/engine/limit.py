"""What only looks ends in time, on its host, and so does everything that it began.

The `timeout` of coreutils ends a whole group of processes, that of busybox only the one that it started: what that one
had begun would hold the answer open. So it gets a session of its own, of which nothing is left after its time. Where
there is no `setsid` that stays as it is.
"""

_ALL_OF_IT = """command -v setsid >/dev/null || exec timeout -k 5 "$@"
setsid timeout -k 5 "$@" &
wait $! 2>/dev/null
code=$?
case $code in 124 | 137 | 143) kill -s KILL -- -$! 2>/dev/null ;; esac
exit $code"""


def limited_to(seconds: float, command: str) -> str:
    """`command` in a subshell that ends with its code; 124, 137 or 143 when it was ended."""
    return f"(set -- {int(seconds)} {command}\n{_ALL_OF_IT})"

"""How secrets and files reach a script on its host: with the payload, so in no command line and no environment.

The shell's own `printf` says them, and a script that looks is read from a pipe. A script that changes lies in a folder
of its own, in memory: it empties its own file before it does anything else.
"""

from base64 import b64encode
from shlex import quote

from msp_ops.domain.given import Given
from msp_ops.engine.limit import limited_to

READ_ONCE = '{ [ "$0" != ./script ] || { : >script.read && mv -f script.read script; }; } 2>/dev/null || :\n'
REMOVE = 'rm -rf -- "$msp_given"\n'
NO_ROOM = "echo 'msp: why a file that this runbook was given could not be put on this host'"
A_FOLDER = f"""msp_given=/tmp
[ "$(id -u)" != 0 ] || msp_given=/run
msp_given=$(mktemp -d "$msp_given/msp-ops-look.XXXXXX") || {{ {NO_ROOM}; exit 75; }}
"""


def handed_to_change(given: Given, text: str) -> str:
    """A script that changes, with what it was given; the host forgets the files with the rest of its folder."""
    return f"{READ_ONCE}msp_given=$PWD\n{_said(given)}{_written(given)}{text}"


def handed_to_look(given: Given, text: str, seconds: float) -> str:
    """A script that looks, limited to that many seconds; the folder of its files is removed when it ends."""
    whole = quote(f"exec 3<&-\nmsp_given=$1\n{_said(given)}{text}")
    limited = limited_to(seconds, """sh -c '. /proc/self/fd/3' sh "$msp_given" """) + " 3<&0 </dev/null"
    run = f"printf %s {whole} | {limited}\n"
    if not given.files.contents:
        return f"msp_given=\n{run}"
    return f'{A_FOLDER}{_written(given, REMOVE)}{run}msp_code=$?\n{REMOVE}exit "$msp_code"\n'


def _said(given: Given) -> str:
    """The variables; `msp_given` is the folder that holds the files.

    One that the host exports already would hand the secret to every program.
    """
    secrets = (
        f"unset {_variable(name)}\n{_variable(name)}={quote(value)}\n" for name, value in sorted(given.secrets.items())
    )
    files = (f'{_variable(name)}="$msp_given/given-{name}"\n' for name in sorted(given.files.contents))
    return "".join((*secrets, *files))


def _written(given: Given, before_leaving: str = "") -> str:
    """Each file with mode 0600, in the folder `msp_given`; base64 is in coreutils and in busybox."""
    return "".join(
        f'(umask 077 && printf %s {quote(b64encode(content).decode())} | base64 -d >"$msp_given/given-{name}") || {{\n'
        f"{before_leaving}{NO_ROOM}\nexit 75\n}}\n"
        for name, content in sorted(given.files.contents.items())
    )


def _variable(name: str) -> str:
    return name.replace("-", "_")

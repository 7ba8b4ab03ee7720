"""`python -m msp_ops.prefect_api.tether PARENT PROGRAM ...` becomes PROGRAM, and the kernel ends it with PARENT.

A program of its own because Python cannot do this safely between fork and exec in a process that has threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h; survives exec


def main() -> None:
    parent, *program = sys.argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != int(parent):
        sys.exit("the service ended before its part began")
    # a worker turns SIGTERM into SIGINT for itself, and a non-interactive shell hands down SIGINT ignored
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(program[0], program)  # noqa: S606  # no shell is what we want


if __name__ == "__main__":
    main()

"""`python -m msp_ops.playbooks.keeper FOLDER` runs Ansible for our process, and lets nothing of it outlive either.

It is told `look` or `run` on its stdin, and answers in lines of JSON on its stdout. The end of stdin is the death of
who started it, a long silence there means that it is frozen: then all that was begun is killed, and the folder is
removed. As the kernel's subreaper it inherits what lets go of its own parent, such as ssh's masters.
"""

import ctypes
import json
import os
import select
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from msp_ops.playbooks.cutting import the_end
from msp_ops.playbooks.heard import heard
from msp_ops.playbooks.processes import below, end_all
from msp_ops.playbooks.setting import ALIVE, ORDERS

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_NO_STDIN = (
    'exec "$0" "$@" </dev/null'  # a prompt nobody can answer must not wait for ever on ansible-runner's terminal
)
_QUIET = {"suppress_output_file": True, "suppress_ansible_output": True}
_KEPT = 1_000_000  # characters of what Ansible says outside of any event
_LAST_ANSWERS = 3  # seconds
_ASK = 20  # seconds for ssh-add


def main() -> None:
    folder = Path(sys.argv[1])
    with os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8") as answers:
        os.dup2(2, 1)  # whoever prints must not disturb the answers
        _become_subreaper()
        orders = json.loads((folder / ORDERS).read_text(encoding="utf-8"))

        def answer(told: Mapping[str, object]) -> None:
            with suppress(BrokenPipeError):  # nobody is there any more: whoever listens for that ends us
                answers.write(json.dumps(told) + "\n")

        try:
            for word in _words(folder, threading.Event(), orders["silence"]):
                answer(_look(orders) if word == "look" else _run(folder, orders, answer))
        finally:  # only a defect comes here
            end_all(lambda: below(os.getpid()))


def _become_subreaper() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def _words(folder: Path, resting: threading.Event, silence: float) -> Iterator[str]:
    """What we are told, until our starter is gone or silent for that many seconds.

    `resting` is set while nothing is left to answer.
    """
    words: SimpleQueue[str] = SimpleQueue()

    def listen() -> None:
        come = b""
        while select.select([0], [], [], silence)[0] and (piece := os.read(0, 4096)):
            *lines, come = (come + piece).split(b"\n")
            for word in (line.decode() for line in lines):
                if word != ALIVE:
                    words.put(word)
        _leave(folder, resting)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        resting.set()
        word = words.get()
        resting.clear()
        yield word


def _leave(folder: Path, resting: threading.Event) -> None:
    """End everything; what had been said until then is still passed on."""
    end_all(lambda: below(os.getpid()))
    resting.wait(_LAST_ANSWERS)
    end_all(lambda: below(os.getpid()))
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _look(orders: Mapping[str, Any]) -> Mapping[str, object]:
    """Which hosts each play is for; every mistake that Ansible finds without a host."""
    for key in orders["keys"]:
        if said := _unlock(**key):
            return {"kind": "locked", "path": key["path"], "said": said}
    program, *rest = orders["argv"]
    argv = [program, "--list-hosts", *rest]
    done = subprocess.run(
        argv, cwd=orders["cwd"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return {"kind": "looked", "exit_code": done.returncode, "plays": done.stdout, "said": done.stderr}


def _unlock(path: str, passphrase: str, public: str) -> str:
    """Put a key into our agent; what ssh-add said when it could not."""
    import pexpect  # noqa: PLC0415  # comes with ansible-runner, and is needed for few

    asking = pexpect.spawn("ssh-add", ["-q", "--", path], encoding="utf-8", codec_errors="replace", timeout=_ASK)
    if asking.expect(["passphrase[^\n]*: ", pexpect.EOF]) == 0:
        asking.sendline(passphrase)
        if asking.expect(["passphrase[^\n]*: ", pexpect.EOF]) == 0:
            asking.close(force=True)
            return "the passphrase is wrong"
    asking.close()
    if asking.exitstatus != 0:
        return str(asking.before).strip() or "ssh-add did not take it"
    held = subprocess.run(["ssh-add", "-L"], capture_output=True, text=True, check=True).stdout.splitlines()
    Path(public).write_text(held[-1] + "\n", encoding="utf-8")
    return ""


def _run(
    folder: Path, orders: Mapping[str, Any], answer: Callable[[Mapping[str, object]], None]
) -> Mapping[str, object]:
    from ansible_runner.config.runner import RunnerConfig  # noqa: PLC0415  # the look does without
    from ansible_runner.runner import Runner  # noqa: PLC0415

    said: list[str] = []

    def hear(event: Mapping[str, Any]) -> bool:
        """False: ansible-runner keeps no file of it."""
        if event["event"] in {"verbose", "error", "warning"}:
            said.append(event.get("stdout", ""))
        elif (told := heard(event)) is not None:
            answer(told)
        return False

    place = folder / "runner"
    (place / "env").mkdir(mode=0o700)
    (place / "env" / "settings").write_text(json.dumps(_QUIET), encoding="utf-8")  # as an argument it is forgotten
    (place / "args").write_text(shlex.join(["/bin/sh", "-c", _NO_STDIN, *orders["argv"]]), encoding="utf-8")
    config = RunnerConfig(private_data_dir=str(place), project_dir=orders["cwd"], ident="run")
    config.prepare()
    runner = Runner(config=config, event_handler=hear)
    runner.run()
    return {"kind": "ended", "exit_code": runner.rc, "said": the_end("\n".join(said), _KEPT)}


if __name__ == "__main__":
    main()

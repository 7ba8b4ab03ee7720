"""The programs that know best how their files are meant, ansible-inventory and ssh, held so that no file runs anything.

Each gets an environment of its own, a copy of the files in a folder of its own, and limits of time, memory and output.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from msp_ops.domain.errors import FileError, NotPermitted
from msp_ops.domain.record import record
from msp_ops.files.import_draft import Remark
from msp_ops.files.import_text import Source

CONFIGURATION = """\
[defaults]
nocolor = True
nocows = True
vars_plugins_enabled = host_group_vars
transform_invalid_group_chars = ignore
local_tmp = {folder}/tmp
home = {folder}
collections_path = {folder}/none
[inventory]
enable_plugins = {plugins}
any_unparsed_is_failed = True
cache = False
"""
PLUGINS = {".yml": "yaml", ".yaml": "yaml", ".json": "yaml", ".toml": "toml"}
ORIGIN = re.compile(r"^Origin: (.+?)(?::(\d+)(?::(\d+))?)?$", re.MULTILINE)
NOISE = ("Failed to create the directory", "Invalid characters were found in group names")
MAYBE_SECRET = re.compile(
    r"(?i)(\b[\w-]*(?:pas+w?|secret|token|key)[\w-]*[\"']?\s*[=:]\s*)(?!value host variable)\S.*|(\bgot: ).*"
)


@record
class Limits:
    """Of one start of a program: of its processor, of its memory and of what it says, in seconds and MiB."""

    seconds: int = 20
    memory: int = 1024
    output: int = 64

    @property
    def script(self) -> str:
        """For a shell that then becomes the program."""
        memory, blocks = self.memory * 1024, self.output * 2048
        return f'ulimit -v {memory}; ulimit -t {self.seconds}; ulimit -f {blocks}; exec "$@"'


LIMITS = Limits()


@record
class Ended:
    """How a program ended."""

    code: int
    output: str
    errors: str


@contextmanager
def private_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="msp-ops-") as folder:
        yield Path(folder)


def list_inventory(source: Source, limits: Limits = LIMITS) -> tuple[str, tuple[Remark, ...]]:
    """The JSON of `ansible-inventory --list`, and its warnings. FileError with file:line when it cannot read a file."""
    program = _ansible_inventory()
    with private_folder() as folder:
        copy = folder / "copy"
        for name, text in source.texts.items():
            place = copy / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, newline="")
        (folder / "ansible.cfg").write_text(CONFIGURATION.format(folder=folder, plugins=_plugins(source)))
        environment = {"ANSIBLE_CONFIG": str(folder / "ansible.cfg")}
        ended = _run([program, "-i", str(copy / source.start), "--list"], folder, environment, limits)
        told = tuple(_messages(ended.errors, copy, source))
    if ended.code:
        raise FileError(_why(ended, told, source.folder / source.start, limits))
    return ended.output, tuple(
        Remark(verdict="not taken over", what="Ansible warns", why=text, where=(place,) if place else ())
        for place, text in told
    )


def ask_ssh(configuration: Path, alias: str, places: Sequence[str]) -> str:
    """What `ssh -G` says of the name. FileError names the line that it does not understand."""
    program = shutil.which("ssh")
    if program is None:
        raise NotPermitted("reading an ssh_config needs the program ssh; install the OpenSSH client")
    ended = _run([program, "-G", "-F", str(configuration), "--", alias], configuration.parent, {}, LIMITS)
    if ended.code:
        line = re.search(r"line (\d+)", ended.errors)
        place = places[int(line[1]) - 1] if line and int(line[1]) <= len(places) else f"for {alias}"
        raise FileError(f"{place}: ssh does not understand this; correct it, or take the line out: ssh -G {alias}")
    return ended.output


def _run(argv: Sequence[str], folder: Path, environment: Mapping[str, str], limits: Limits) -> Ended:
    whole = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LC_ALL": "C.UTF-8",
        **environment,
    }
    output, errors = folder / "output", folder / "errors"
    with output.open("wb") as out, errors.open("wb") as err:
        try:
            done = subprocess.run(
                ["/bin/sh", "-c", limits.script, "sh", *argv],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=whole, cwd=folder,
                timeout=limits.seconds * 3, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise FileError(f"{Path(argv[0]).name} did not come to an end within {limits.seconds * 3} s") from error
    return Ended(
        code=done.returncode,
        output=output.read_text(errors="replace"),
        errors=errors.read_text(errors="replace")[-100_000:],
    )


def _plugins(source: Source) -> str:
    """By the ending, so that an error speaks of the right kind; INI when a section comes first."""
    lines = (line.strip() for line in source.texts.get(source.start, "").split("\n"))
    first = next((line for line in lines if line and not line.startswith(("#", ";"))), "")
    is_ini = first.startswith("[") and not source.start.endswith(".toml")
    return "ini" if is_ini else PLUGINS.get(Path(source.start).suffix, "ini, yaml, toml")


def _ansible_inventory() -> str:
    places = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
    program = shutil.which("ansible-inventory", path=places)
    if program is None:
        raise NotPermitted(
            "reading an Ansible inventory needs ansible-inventory; do: pip install 'msp-ops[playbooks]'. Or "
            "where Ansible is: ansible-inventory -i INVENTORY --list > inventory.json, and import inventory.json"
        )
    return program


def _messages(errors: str, copy: Path, source: Source) -> Iterator[tuple[str, str]]:
    """Place and first line of each thing that Ansible says; lines of the files may hold secrets and are left out."""
    for part in re.split(r"^\[(?:WARNING|ERROR)\]: |^ERROR! ", errors, flags=re.MULTILINE)[1:]:
        line = part.strip().split("\n")[0]
        if line.startswith(NOISE):
            continue
        origin = ORIGIN.search(part)
        place = ":".join(filter(None, origin.groups())) if origin and origin[2] else _place_of(line, source)
        said = MAYBE_SECRET.sub(_masked, line)[:300]
        yield place.replace(str(copy), str(source.folder)), said.replace(str(copy), str(source.folder))


def _place_of(line: str, source: Source) -> str:
    """Ansible says no line of an INI file, but repeats what it stumbles over."""
    found = re.search(r"got: (.+)$|'((?:[^']|'(?=\S))+)'", line.replace("'ini' plugin", ""))
    word = (found[1] or found[2]).strip() if found else ""
    for name, text in source.texts.items():
        for number, each in enumerate(text.split("\n"), start=1):
            if word and word in each:
                return f"{source.folder / name}:{number}"
    return ""


def _masked(match: re.Match[str]) -> str:
    return f"{match[1] or match[2]}***"


def _why(ended: Ended, told: Sequence[tuple[str, str]], path: Path, limits: Limits) -> str:
    if ended.code > 128 or "MemoryError" in ended.errors or not re.search(r"^\[?ERROR", ended.errors, re.MULTILINE):
        return (
            f"{path}: ansible-inventory could not read it within {limits.seconds} s, {limits.memory} MiB of memory and "
            f"{limits.output} MiB of text: a range such as web[1:99999999], or aliases that unfold? Write fewer hosts "
            f"into one file"
        )
    place, text = next(
        ((place, text) for place, text in told if place), told[-1] if told else ("", "no reason was given")
    )
    hint = f"mend it. Where Ansible does: ansible-inventory -i {path.name} --list > inventory.json, then import that"
    return f"{place or path}: Ansible does not understand it: {text}; {hint}"

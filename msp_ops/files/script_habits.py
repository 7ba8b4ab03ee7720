"""Habits of sh that forge reports: what `runbooks validate` complains of although the script runs."""

import re
from collections.abc import Iterator
from pathlib import Path

from msp_ops.domain.errors import FileError
from msp_ops.files.text_file import read_text

# dash's echo turns `\n` in a value into a new line, which then may begin with `msp:` itself; bash's does not.
ECHOED = re.compile(r"""\becho[ \t]+(?:-\w+[ \t]+)*(?:"msp:[^"]*|msp:[^;|&#"']*)[$`]""")


def forgeable(folder: Path) -> Iterator[FileError]:
    """Each report by `echo` in which a value stands, in the scripts of a runbook's folder, as file:line:col."""
    for path in sorted(folder.rglob("*.sh")):
        for number, line in enumerate(read_text(path).split("\n"), start=1):
            found = ECHOED.search(line)
            if found and not line.lstrip().startswith("#"):
                yield FileError(
                    f"{path}:{number}:{found.start() + 1}: echo turns '\\n' within a value into a new line, which may "
                    f"pass for a report; right is printf 'msp: … %s\\n' \"$value\"\n {number:3} | {line}"
                )

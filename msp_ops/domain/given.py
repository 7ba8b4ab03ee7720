"""What parameters stand for, and no plan holds: the values of secrets, and what files hold."""

import hashlib
from collections.abc import Mapping

from typing_extensions import override

from msp_ops.domain.plan import PlannedFile
from msp_ops.domain.record import record


@record
class GivenFiles:
    """What the files that parameters name held when they were read, by the parameter's name."""

    contents: Mapping[str, bytes]

    def planned(self) -> tuple[PlannedFile, ...]:
        """What a plan keeps of them."""
        return tuple(
            PlannedFile(parameter=name, sha256=hashlib.sha256(content).hexdigest())
            for name, content in sorted(self.contents.items())
        )


NO_FILES = GivenFiles(contents={})


@record
class Given:
    """Of one run: known from the moment it begins, kept nowhere, shown to nobody."""

    secrets: Mapping[str, str]
    files: GivenFiles = NO_FILES

    def spoken(self) -> tuple[str, ...]:
        """The secrets as a host may say them: whole, and line by line without the space around it."""
        lines = (line.strip() for value in self.secrets.values() for line in value.splitlines())
        return (*self.secrets.values(), *lines)

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join((*self.secrets, *self.files.contents))})"


NOTHING_GIVEN = Given(secrets={})

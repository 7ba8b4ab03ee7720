"""Where this machine gets its Debian packages from: both formats of apt's source lists, taken over word by word."""

import re
from collections.abc import Iterator
from pathlib import Path

from msp_ops.domain.record import record
from msp_ops.lab.errors import LabError

APT = Path("/etc/apt")


@record
class Sources:
    """The entries that serve one release, as apt reads them."""

    lines: tuple[str, ...]
    stanzas: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n\n" + "\n\n".join(self.stanzas)

    def keyrings(self) -> list[Path]:
        """The key files that the entries name."""
        found = re.findall(r"signed-by\s*[=:]\s*(/[^\s\],]+)", self.text, re.IGNORECASE)
        return [Path(name) for name in dict.fromkeys(found)]

    def write(self, folder: Path) -> list[Path]:
        """The entries as files that mmdebstrap takes."""
        written = []
        for name, parts in (("lab.list", self.lines), ("lab.sources", self.stanzas)):
            if parts:
                written.append(folder / name)
                written[-1].write_text("\n\n".join(parts) + "\n")
        return written


def read_sources(release: str, apt: Path = APT) -> Sources:
    """The enabled entries of the release's own suites; raises LabError when there is none."""
    lists = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*.list"))]
    lines = [line for path in lists if path.is_file() for line in path.read_text().splitlines()]
    deb822 = sorted((apt / "sources.list.d").glob("*.sources"))
    stanzas = [part for path in deb822 for part in _stanzas(path.read_text())]
    found = Sources(
        lines=tuple(line.strip() for line in lines if _line_serves(line, release)),
        stanzas=tuple(part for part in stanzas if _stanza_serves(part, release)),
    )
    if not found.lines and not found.stanzas:
        raise LabError(f"{apt}/sources.list and sources.list.d have no enabled 'deb' entry for {release} main")
    return found


def _stanzas(text: str) -> Iterator[str]:
    """Without comments, which may hold an old entry."""
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    yield from (part.strip("\n") for part in re.split(r"\n\s*\n", bare) if part.strip())


def _serves(suites: list[str], components: list[str], release: str) -> bool:
    ours = {release, f"{release}-updates", f"{release}-security"}
    return bool(ours & set(suites)) and "main" in components


def _line_serves(line: str, release: str) -> bool:
    entry = re.match(r"\s*deb\s+(?:\[[^\]]*\]\s*)?(?!cdrom:)(\S+)\s+(\S+)\s+([^#]*)", line)
    return bool(entry) and _serves([entry[2]], entry[3].split(), release) if entry else False


def _stanza_serves(stanza: str, release: str) -> bool:
    fields = {name.lower(): value for name, value in re.findall(r"^([\w-]+):\s*(.*)$", stanza, re.MULTILINE)}
    enabled = fields.get("enabled", "yes").strip().lower() not in {"no", "false", "off", "0"}
    binary = "deb" in fields.get("types", "").split()
    return (
        enabled and binary and _serves(fields.get("suites", "").split(), fields.get("components", "").split(), release)
    )

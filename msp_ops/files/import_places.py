"""Where a word stands in the files that were read: what another program made of them no longer has its lines."""

import re
from collections.abc import Mapping

MOST_PLACES = 5


class Places:
    """Looks words up as `file:line`; `texts` are the files by the name that a person knows."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._lines = [
            (f"{name}:{number}", line)
            for name, text in texts.items()
            for number, line in enumerate(text.split("\n"), start=1)
            if not line.lstrip().startswith(("#", ";"))
        ]
        self._known: dict[str, tuple[str, ...]] = {}

    def of_key(self, key: str, host: str = "") -> tuple[str, ...]:
        """Lines that give the variable a value: those that name the host too, else those of its own files, else all."""
        sets = rf"(?<![\w-])[\"']?{re.escape(key)}[\"']?\s*[=:]"
        found = self._find(key, sets)
        both = host and self._find(host, rf"(?<![\w.-]){re.escape(host)}(?![\w-]).*{sets}")
        own = [place for place in found if f"host_vars/{host}" in place] if host else []
        return both or tuple(own) or found

    def of_host(self, name: str) -> tuple[str, ...]:
        """Every line that names the host."""
        return self._find(name, rf"(?<![\w.-])[\"']?{re.escape(name)}(?![\w-]|\.\w)")

    def _find(self, word: str, pattern: str) -> tuple[str, ...]:
        if pattern not in self._known:
            look = re.compile(pattern)
            found = [place for place, line in self._lines if word in line and look.search(line)]
            more = [f"and {len(found) - MOST_PLACES} more lines"] if len(found) > MOST_PLACES else []
            self._known[pattern] = (*found[:MOST_PLACES], *more)
        return self._known[pattern]

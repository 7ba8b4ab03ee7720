"""What a first real Windows host is asked: each claim that was never tried on one, as a script that changes nothing."""

from collections.abc import Callable
from datetime import timedelta

from msp_ops.domain.given import NOTHING_GIVEN
from msp_ops.domain.record import record
from msp_ops.engine.powershell import in_powershell
from msp_ops.transports.base import Answer
from msp_ops.transports.winrm.onwindows import read_program

BRIEF = timedelta(seconds=60)
TIMED_OUT = 124
SIGNS = "é ü € 日本 \U0001f600"
QUOTES = "'\"`$(1)\u2018\u2019\u201a\u201b\u201c\u201d\u201e#>@{}é"
LONG = 200_000
FLOOD = 5_000_000
Judge = Callable[[Answer], str]


@record
class Probe:
    """`judge` says what is wrong with the answer, or nothing. `source`: where we believe it from."""

    name: str
    script: bytes
    judge: Judge
    source: str
    timeout: timedelta = BRIEF


def probes() -> tuple[Probe, ...]:
    """In the order in which they are asked."""
    return (
        _probe("what it is", read_program("look"), _ends_with(0), "our own words"),
        _probe("code page", f"'{SIGNS}'\n", _says(SIGNS), "pywinrm 288, 357"),
        _probe("quotes", "$value\n", _says(QUOTES), "about_Quoting_Rules", value=QUOTES),
        _probe("200 kB script", f"$x = '{'a' * LONG}'\n$x.Length\n", _says(str(LONG)), "ansible ships modules so"),
        *(
            _probe(f"exit {code}", f"exit {code}\n", _ends_with(code), "about_Language_Keywords")
            for code in (0, 3, 3010, -1)
        ),
        _probe("an error", "throw 'on purpose'\n", _failed_saying("on purpose"), "about_Throw"),
        _probe("standard error", "cmd.exe /c 'echo first 1>&2'\n'then'\n", _says("first", "then"), "our own child.ps1"),
        _probe("5 MB output", f"'x' * {FLOOD}\n", _floods, "our own ask.ps1"),
        Probe(
            name="a limit of time",
            script=_script("Start-Sleep -Seconds 60\n"),
            judge=_ends_with(TIMED_OUT),
            source="our own ask.ps1",
            timeout=timedelta(seconds=3),
        ),
        _probe("quotas", _QUOTAS, _ends_with(0), "winrm get winrm/config/winrs"),
    )


_QUOTAS = """Get-ChildItem -Path WSMan:\\localhost\\Shell | ForEach-Object { "$($_.Name) $($_.Value)" }
"""


def _probe(name: str, text: str, judge: Judge, source: str, **values: str) -> Probe:
    return Probe(name=name, script=_script(text, **values), judge=judge, source=source)


def _script(text: str, **values: str) -> bytes:
    return in_powershell(values, "selftest", NOTHING_GIVEN, text).encode()


def _ends_with(code: int) -> Judge:
    return lambda answer: "" if answer.exit_code == code else f"it ended with {answer.exit_code}, not {code}"


def _says(*words: str) -> Judge:
    def judge(answer: Answer) -> str:
        said = answer.output.decode("utf-8", "replace")
        missing = [word for word in words if word not in said]
        return _ends_with(0)(answer) or (f"it did not say {missing[0]!r}" if missing else "")

    return judge


def _failed_saying(word: str) -> Judge:
    def judge(answer: Answer) -> str:
        if answer.exit_code != 1:
            return f"it ended with {answer.exit_code}, not 1"
        return "" if word in answer.output.decode("utf-8", "replace") else f"it did not say {word!r}"

    return judge


def _floods(answer: Answer) -> str:
    came = len(answer.output) + answer.cut
    return _ends_with(0)(answer) or ("" if FLOOD <= came <= FLOOD + 2 else f"{came} bytes came, not {FLOOD}")

"""A file that a person wrote, as text: never more than it may be, never guessed at."""

from pathlib import Path

from msp_ops.domain.errors import FileError

MEBIBYTE = 1024 * 1024


def read_text(path: Path, most: int = 1, instead: str = "a file that people write is smaller") -> str:
    """At most `most` MiB of UTF-8; FileError names the byte that is not, and says `instead` of a larger file."""
    try:
        if path.exists() and not path.is_file():
            raise FileError(f"{path} is not a file")
        with path.open("rb") as file:
            content = file.read(most * MEBIBYTE + 1)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > most * MEBIBYTE:
        raise FileError(f"{path} is larger than {most} MiB; {instead}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise FileError(
            f"{path}:{line}:{column}: byte {content[error.start]:#04x} is not UTF-8; save the file as UTF-8"
        ) from error

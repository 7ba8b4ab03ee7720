"""Where an API lies to which credentials are sent."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit


def read_api_address(text: str) -> str:
    """HTTPS, or HTTP to this very machine; no user, question or mark stands in it. ValueError says what is right."""
    try:
        parts = urlsplit(text)
        sound = _is_sound(parts)
    except ValueError:
        sound = False
    if not sound or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(
            f"'{text}' is no address of an API; write https:// and its name, such as https://api.example.com"
        )
    return text


def _is_sound(parts: SplitResult) -> bool:
    """ValueError when its port is none."""
    bare = "@" not in parts.netloc and not parts.query and not parts.fragment and parts.port != 0
    return (
        bare
        and bool(parts.hostname)
        and (parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname or "")))
    )


def is_this_machine(name: str) -> bool:
    """Whether what is sent there leaves it by no wire."""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"

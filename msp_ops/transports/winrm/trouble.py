"""Everything that pywinrm, requests and Windows may say, as one of our words."""

import ssl
from enum import Enum, auto

import requests
import urllib3
from winrm.exceptions import WinRMError, WinRMOperationTimeoutError, WinRMTransportError, WSManFaultError

from msp_ops.domain.errors import MspOpsError


class Kind(Enum):
    """What it means for the one who asked."""

    REFUSED = auto()  # the login: never again by itself, accounts lock
    NO_WAY_IN = auto()  # no such login is offered there; nothing was shown
    DENIED = auto()  # logged in, and no right to a remote shell
    UNREACHABLE = auto()  # no connection: nothing was sent
    UNTRUSTED = auto()  # the certificate
    SHELL_GONE = auto()  # a restart, or idle for too long
    COMMAND_GONE = auto()
    SHELLS = auto()  # quota: wait
    OPERATIONS = auto()  # quota: a new shell
    TOO_LONG = auto()
    NOT_FOUND = auto()
    BUSY = auto()  # what was sent was not taken
    STALE = auto()  # sealed for a connection that is dead: not even read
    UNAVAILABLE = auto()  # not taken
    SILENT = auto()  # nothing happened within the operation's time: the link lives
    LOST = auto()  # the link broke: it may have been done
    DEAD = auto()  # not a sign of life for as long as we wait: the same, and nothing helps
    NOT_WINRM = auto()
    OTHER = auto()


NOT_DONE = {
    Kind.REFUSED, Kind.NO_WAY_IN, Kind.UNREACHABLE, Kind.UNTRUSTED, Kind.SHELLS, Kind.OPERATIONS,
    Kind.BUSY, Kind.STALE, Kind.UNAVAILABLE,
}  # fmt: skip
NEW_CONNECTION = {Kind.STALE, Kind.LOST, Kind.DEAD, Kind.UNREACHABLE, Kind.UNTRUSTED, Kind.REFUSED, Kind.NOT_WINRM}
_WMI = {2150859173: Kind.SHELLS, 2150859174: Kind.OPERATIONS}
_FAULTS = {
    5: Kind.DENIED,
    2147942405: Kind.DENIED,
    87: Kind.COMMAND_GONE,
    170: Kind.BUSY,
    206: Kind.TOO_LONG,
    2147942606: Kind.TOO_LONG,
    2147942402: Kind.NOT_FOUND,
    2150858843: Kind.SHELL_GONE,
}
_HTTP = {400: Kind.STALE, 403: Kind.DENIED, 404: Kind.NOT_WINRM, 405: Kind.NOT_WINRM, 503: Kind.UNAVAILABLE}
_NEVER_CONNECTED = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.NameResolutionError,
)


class Trouble(Exception):  # noqa: N818  # reads as what it is
    """`words`: for a person. `not_done`: the host cannot have done what was asked."""

    def __init__(self, kind: Kind, words: str) -> None:
        super().__init__(words)
        self.kind = kind
        self.words = words

    @property
    def not_done(self) -> bool:
        return self.kind in NOT_DONE


def trouble_of(error: Exception) -> Trouble:
    """The one place where others' errors become ours; what is ours already goes on as it is."""
    if isinstance(error, MspOpsError):
        raise error
    match error:
        case Trouble():
            return error
        case requests.exceptions.RequestException():
            return _of_http(error)
        case WSManFaultError():
            return _of_fault(error)
        case WinRMOperationTimeoutError():
            return Trouble(Kind.SILENT, "nothing happened")
        case WinRMTransportError():
            return _of_status(error.code)
        case _:
            return _of_strange(error)


def _of_strange(error: Exception) -> Trouble:
    """A boundary: what a stranger's bytes did to the libraries, whatever they call it."""
    if isinstance(error, PermissionError):  # requests_ntlm's word
        return Trouble(Kind.NO_WAY_IN, "it does not answer to NTLM")
    if isinstance(error, WinRMError):
        return Trouble(Kind.OTHER, _words(error))
    return Trouble(Kind.LOST, f"its answer makes no sense ({type(error).__name__})")


def _of_http(error: requests.exceptions.RequestException) -> Trouble:
    match error:
        case requests.exceptions.ReadTimeout():
            return Trouble(Kind.DEAD, "not a sign of life came back")
        case requests.exceptions.SSLError():
            return _of_tls(error)
        case requests.exceptions.TooManyRedirects():
            return Trouble(Kind.NOT_WINRM, "it sends us elsewhere")
        case requests.exceptions.ConnectionError():
            return _of_connection(error)
        case _:
            return Trouble(Kind.LOST, "the connection broke")


def _of_fault(fault: WSManFaultError) -> Trouble:
    kind = _WMI.get(fault.wmierror_code or 0) or _FAULTS.get(fault.wsman_fault_code or 0) or _by_subcode(fault)
    code = fault.wsman_fault_code or fault.wmierror_code
    return Trouble(kind, f"{' '.join(str(fault.reason).split())[:300]} (code {code})")


def _by_subcode(fault: WSManFaultError) -> Kind:
    subcode = (fault.fault_subcode or "").rpartition(":")[2]
    return {"QuotaLimit": Kind.SHELLS, "AccessDenied": Kind.DENIED}.get(subcode, Kind.OTHER)


def _of_status(status: int) -> Trouble:
    return Trouble(_HTTP.get(status, Kind.OTHER), f"HTTP {status}")


def _of_connection(error: requests.exceptions.ConnectionError) -> Trouble:
    reason = getattr(error.args[0], "reason", error.args[0]) if error.args else error
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return Trouble(Kind.UNREACHABLE, "its name is not known")
    if isinstance(reason, _NEVER_CONNECTED) or isinstance(error, requests.exceptions.ConnectTimeout):
        return Trouble(Kind.UNREACHABLE, _cause(reason))
    if isinstance(reason, urllib3.exceptions.ReadTimeoutError):
        return Trouble(Kind.DEAD, "not a sign of life came back")
    if isinstance(reason, urllib3.exceptions.SSLError | ssl.SSLError):
        return _of_tls(error)
    return Trouble(Kind.LOST, "the connection broke")


def _cause(error: BaseException) -> str:
    """The kernel's own words: urllib3 prints objects around them."""
    cause = error.__cause__ or error.__context__
    if isinstance(cause, TimeoutError):
        return "it did not answer in time"
    return str(getattr(cause, "strerror", None) or "no connection")


def _of_tls(error: BaseException) -> Trouble:
    text = str(error)
    if "does not match a pinned" in text:
        return Trouble(Kind.UNTRUSTED, "it shows another certificate than the pinned one")
    _, failed, why = text.partition("certificate verify failed: ")
    if failed:
        return Trouble(Kind.UNTRUSTED, why.partition(" (_ssl")[0])
    return Trouble(Kind.NOT_WINRM, "it does not speak TLS there as we do; without TLS, say winrm: {tls: no}")


def _words(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__

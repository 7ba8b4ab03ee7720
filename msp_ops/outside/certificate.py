"""TLS: which certificate is served, is it trusted, for which names, until when?"""

import ssl
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from msp_ops.outside.base import Facts, HandshakeError, TroubleError, UntoldError
from msp_ops.outside.wire import Connected, Deadline, Place, connect, in_words, is_address

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MOST_NAMES = 20


def look_at_certificate(place: Place, deadline: Deadline, ca_file: Path | None) -> Facts:
    """Raises TroubleError, UntoldError, HandshakeError. A certificate that is not trusted is looked at all the same."""
    chain, careful, careless = "trusted", _looking(ca_file, trusting=False), _looking(ca_file, trusting=True)
    found = connect(place, deadline)
    try:
        wrapped = handshake(found, place, careful, deadline)
    except ssl.SSLCertVerificationError as refusal:
        chain = refusal.verify_message
        found = connect(place, deadline)
        wrapped = handshake(found, place, careless, deadline)
    with wrapped:
        shown, protocol = wrapped.getpeercert(binary_form=True), wrapped.version() or "none"
    return [
        ("address", found.address),
        ("took", f"{deadline.took():.1f}"),
        ("protocol", protocol),
        ("chain", chain),
        *_told(shown or b"", place.name),
    ]


def handshake(found: Connected, place: Place, context: ssl.SSLContext, deadline: Deadline) -> ssl.SSLSocket:
    """Raises ssl.SSLCertVerificationError, TroubleError, HandshakeError. The whole of it ends at the deadline."""
    try:
        found.socket.settimeout(deadline.left())
        return context.wrap_socket(found.socket, server_hostname=place.name)
    except ssl.SSLCertVerificationError:
        found.socket.close()
        raise
    except ssl.SSLError as error:
        found.socket.close()
        why = (error.reason or str(error)).replace("_", " ").lower()
        raise HandshakeError(f"no TLS comes about: {why}") from None
    except (OSError, ValueError) as error:
        found.socket.close()
        words = in_words(error) if isinstance(error, OSError) else str(error)
        raise TroubleError(f"{found.address} port {place.port} {words}") from None


def trusting_system(ca_file: Path | None) -> ssl.SSLContext:
    """As any careful client: the system's authorities, and the client's own. Raises UntoldError."""
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise UntoldError(f"ca_file {ca_file} cannot be read: {error.strerror or error}") from None
    return context


def _looking(ca_file: Path | None, *, trusting: bool) -> ssl.SSLContext:
    """Also speaks what nobody should speak any more: it must be seen to be told. Nothing is sent to the other side."""
    context = trusting_system(ca_file)
    context.check_hostname = False  # whose name it bears is told apart from whether it is trusted
    context.verify_mode = ssl.CERT_NONE if trusting else ssl.CERT_REQUIRED
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def _told(shown: bytes, name: str) -> Facts:
    from cryptography import x509  # noqa: PLC0415  # 30 ms, and only a look at TLS needs it

    try:
        certificate = x509.load_der_x509_certificate(shown)
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        names, addresses = _borne(certificate)
    except (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise TroubleError(f"shows a certificate that cannot be read ({type(error).__name__})") from None
    return [
        ("begins", _moment(begins)),
        ("ends", _moment(ends)),
        ("names", ", ".join([*names, *addresses][:MOST_NAMES])),
        ("name", name),
        ("fits", "yes" if bears(name, names, addresses) else "no"),
    ]


def _borne(certificate: "Certificate") -> tuple[list[str], list[str]]:
    from cryptography import x509  # noqa: PLC0415  # as above

    try:
        said = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [], []
    return said.get_values_for_type(x509.DNSName), [str(each) for each in said.get_values_for_type(x509.IPAddress)]


def _moment(at: datetime) -> str:
    """In UTC; a year has four digits, also one before 1000."""
    return f"{at.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _folded(name: str) -> str:
    return name.lower().rstrip(".")


def bears(name: str, names: list[str], addresses: list[str]) -> bool:
    """As RFC 6125 has it: a star stands for one whole label, the first; a common name does not count."""
    if is_address(name):
        return any(ip_address(name) == ip_address(each) for each in addresses)
    wanted = _folded(name)
    _, _, behind = wanted.partition(".")
    stars = {_folded(each)[2:] for each in names if each.startswith("*.") and each.count(".") > 1}
    return wanted in {_folded(each) for each in names} or (bool(behind) and behind in stars)

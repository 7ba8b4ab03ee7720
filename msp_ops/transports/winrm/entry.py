"""From a host and its credential to a protocol of pywinrm that nobody has used yet."""

from pathlib import Path

from winrm.protocol import Protocol

from msp_ops.domain.errors import FileError
from msp_ops.secrets.references import Resolve, secret_path
from msp_ops.transports.base import Limits, Target
from msp_ops.transports.winrm.way import Dial, Way, tls_context
from msp_ops.transports.winrm.wire import CarefulTransport


def way_to(target: Target, workspace: Path, resolve: Resolve, limits: Limits, dial: Dial | None) -> Way:
    """Raises FileError: a certificate, of ours or of an authority, is missing, no certificate, or open to others."""
    host = target.host
    pins = host.host_keys if host.winrm.tls else ()
    authorities = str(workspace / target.ca_file) if target.ca_file and host.winrm.tls else None
    own = certificate_of(target, workspace, resolve)
    try:
        context = tls_context(pins, authorities, own)
    except OSError as error:
        found = " and ".join(filter(None, (authorities, own and own[0])))
        raise FileError(f"{found} cannot be used to reach {target.who}: {error.strerror or error}") from None
    return Way(limits=limits, tls=context, pins=pins, dial=dial)


def protocol_to(target: Target, workspace: Path, way: Way, resolve: Resolve) -> Protocol:
    """No connection yet. Raises FileError: a secret is missing, or Kerberos is not installed."""
    host, credential = target.host, target.credential
    scheme = "https" if host.winrm.tls else "http"
    address = f"[{host.address}]" if ":" in host.address else host.address
    limits = way.limits
    own = certificate_of(target, workspace, resolve)
    read = limits.silence.total_seconds()
    settings: dict[str, object] = {
        "endpoint": f"{scheme}://{address}:{host.port}/wsman",
        "username": credential.user,
        "password": _password(target, resolve),
        "auth_method": host.winrm.auth,
        "service": "HTTP",
        "cert_pem": own[0] if own else None,
        "cert_key_pem": own[1] if own else None,
        "server_cert_validation": "validate",
    }
    _check_kerberos(target)
    protocol = Protocol(
        endpoint=str(settings["endpoint"]),
        transport="plaintext",
        username=credential.user,
        password="",  # its own transport is replaced before it is used
        read_timeout_sec=max(2, int(read)),
        operation_timeout_sec=max(1, int(read) // 2),
    )
    timeouts = (limits.connect.total_seconds(), read)
    protocol.transport = CarefulTransport(way, timeouts, sealed=not host.winrm.tls, **settings)
    return protocol


def _password(target: Target, resolve: Resolve) -> str | None:
    if target.host.winrm.auth not in {"ntlm", "basic"}:
        return None
    password = resolve(target.credential.password or "")
    if target.host.winrm.auth == "basic" and not f"{target.credential.user}{password}".isascii():
        raise FileError(
            f"the login to {target.who} holds more than ASCII, and Basic does not say in which encoding: a wrong guess "
            "would count as a wrong password; right is auth: ntlm, or another password"
        )
    return password


def _check_kerberos(target: Target) -> None:
    if target.host.winrm.auth != "kerberos":
        return
    try:
        import winrm.vendor.requests_kerberos  # noqa: F401, PLC0415  # what it stands on is not installed everywhere
    except ImportError:
        raise FileError(
            f"{target.who} is reached by Kerberos, and pykerberos is not installed here: pip install "
            "'pywinrm[kerberos]', or auth: ntlm for this host"
        ) from None


def certificate_of(target: Target, workspace: Path, resolve: Resolve) -> tuple[str, str] | None:
    """The files with our certificate and its key, where we log in with one."""
    if target.host.winrm.auth != "certificate":
        return None
    certificate, key = target.credential.certificate or "", target.credential.key or ""
    resolve(key)  # refuses a file that is missing or open to others
    return str(secret_path(workspace, certificate)), str(secret_path(workspace, key))

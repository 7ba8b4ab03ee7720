"""From a host and its credential to a protocol of pywinrm that nobody has used yet."""

from pathlib import Path

from winrm.protocol import Protocol

from msp_ops.domain.client import Credential
from msp_ops.domain.errors import FileError
from msp_ops.secrets.references import Resolve, secret_path
from msp_ops.transports.base import Limits, Target
from msp_ops.transports.winrm.way import Dial, Way
from msp_ops.transports.winrm.wire import CarefulTransport


def way_to(target: Target, workspace: Path, resolve: Resolve, limits: Limits, dial: Dial | None) -> Way:
    """Raises FileError: a certificate of ours is missing, or its key can be read by others."""
    authorities = str(workspace / target.ca_file) if target.ca_file else None
    return Way(
        limits=limits,
        pins=target.host.host_keys if target.host.winrm.tls else (),
        authorities=authorities,
        dial=dial,
        certificate=_certificate(target.credential, workspace, resolve)
        if target.host.winrm.auth == "certificate"
        else None,
    )


def protocol_to(target: Target, way: Way, resolve: Resolve) -> Protocol:
    """No connection yet. Raises FileError: a secret is missing, or Kerberos is not installed."""
    host, credential = target.host, target.credential
    scheme = "https" if host.winrm.tls else "http"
    address = f"[{host.address}]" if ":" in host.address else host.address
    limits = way.limits
    read = limits.silence.total_seconds()
    settings: dict[str, object] = {
        "endpoint": f"{scheme}://{address}:{host.port}/wsman",
        "username": credential.user,
        "password": _password(target, resolve),
        "auth_method": host.winrm.auth,
        "service": "HTTP",
        "cert_pem": way.certificate[0] if way.certificate else None,
        "cert_key_pem": way.certificate[1] if way.certificate else None,
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
    if target.host.winrm.auth in {"ntlm", "basic"}:
        return resolve(target.credential.password or "")
    return None


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


def _certificate(credential: Credential, workspace: Path, resolve: Resolve) -> tuple[str, str]:
    certificate, key = credential.certificate or "", credential.key or ""
    resolve(key)  # refuses a file that is missing or open to others
    path = secret_path(workspace, certificate)
    if not path.exists():
        raise FileError(f"{path}, the certificate of {credential.user!r}, is not there")
    return str(path), str(secret_path(workspace, key))

"""How each PSA wants to be asked: its address and the headers with the credentials, resolved at the last moment."""

from base64 import b64encode
from collections.abc import Mapping

from msp_ops.domain.errors import FileError
from msp_ops.domain.export_map import AutotaskApi, ConnectWiseApi, PsaApi, TokenApi
from msp_ops.exports.push.wire import HttpWire
from msp_ops.secrets.references import Resolve


def wire_to(api: PsaApi, resolve: Resolve) -> HttpWire:
    """FileError when a secret cannot be had, or no header takes it."""
    return HttpWire(api.url, _headers(api, resolve))


def secrets_of(api: PsaApi, resolve: Resolve) -> tuple[str, ...]:
    """All that must stand in no word of ours. FileError."""
    return tuple(_one_line(resolve, each) for each in _references(api))


def _references(api: PsaApi) -> tuple[str, ...]:
    match api:
        case ConnectWiseApi():
            return (api.public_key, api.private_key)
        case AutotaskApi():
            return (api.secret, api.integration_code)
        case TokenApi():
            return (api.token,)


def _headers(api: PsaApi, resolve: Resolve) -> Mapping[str, str]:
    secrets = secrets_of(api, resolve)
    match api:
        case ConnectWiseApi():
            login = f"{api.company}+{secrets[0]}:{secrets[1]}".encode()
            return {"Authorization": f"Basic {b64encode(login).decode()}", "clientId": api.client_id}
        case AutotaskApi():
            return {"UserName": api.user, "Secret": secrets[0], "ApiIntegrationCode": secrets[1]}
        case TokenApi():
            return {"Authorization": f"Bearer {secrets[0]}"}


def _one_line(resolve: Resolve, reference: str) -> str:
    secret = resolve(reference)
    if not secret or not secret.isascii() or not secret.isprintable():
        raise FileError(f"the secret {reference} is empty, or holds a line break or a letter that no header takes")
    return secret

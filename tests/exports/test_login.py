"""How each PSA is asked, and what becomes of a secret that no header takes."""

from base64 import b64decode

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.domain.export_map import AutotaskApi, ConnectWiseApi, TokenApi
from msp_ops.exports.push.login import secrets_of, wire_to
from tests.exports.stand_in import stand_in

pytestmark = pytest.mark.wire
SECRETS = {"env:PUBLIC": "public-key-1", "env:PRIVATE": "private-key-2", "env:CODE": "code-3"}


def apis(url):
    return {
        "connectwise": ConnectWiseApi(
            url=url, company="northwind", client_id="1-2-3", public_key="env:PUBLIC", private_key="env:PRIVATE"
        ),
        "autotask": AutotaskApi(url=url, user="api@n.example", secret="env:PRIVATE", integration_code="env:CODE"),
        "kimai": TokenApi(url=url, token="env:PRIVATE"),
    }


def headers_of(name):
    with stand_in() as server:
        server.blind = ["404"]
        wire_to(apis(f"{server.url}/api/base")[name], SECRETS.__getitem__).ask("GET", "/api/v1/tickets/7")
        ((_, path, headers),) = server.asked
        assert path == "/api/base/api/v1/tickets/7"
        return headers


def test_connectwise_gets_company_and_keys_as_basic_and_the_client_id():
    headers = headers_of("connectwise")
    assert b64decode(headers["Authorization"].removeprefix("Basic ")) == b"northwind+public-key-1:private-key-2"
    assert headers["clientId"] == "1-2-3"


def test_autotask_gets_three_headers_of_its_own():
    headers = headers_of("autotask")
    assert [headers[name] for name in ("UserName", "Secret", "ApiIntegrationCode")] == [
        "api@n.example",
        "private-key-2",
        "code-3",
    ]


def test_a_token_is_bearers():
    assert headers_of("kimai")["Authorization"] == "Bearer private-key-2"


@pytest.mark.parametrize("secret", ["", "two\nlines", "tab\there", "grün"])
def test_a_secret_that_no_header_takes_is_refused_and_not_repeated(secret):
    with pytest.raises(FileError) as caught:
        secrets_of(apis("https://psa.example")["kimai"], lambda _reference: secret)
    assert "the secret env:PRIVATE is empty, or holds a line break" in str(caught.value)
    assert secret == "" or secret not in str(caught.value)

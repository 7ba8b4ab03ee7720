"""Windows hosts in a client's file."""

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.files.client_file import load_client

CLIENT = r"""name: Acme
timezone: Europe/Berlin
currency: EUR
sites:
  - id: praxis
    name: Praxis
    hosts:
      - {id: dc1, address: 10.0.0.1, transport: winrm%s}
credentials:
  default: {user: 'ACME\svc'%s}
contracts: []
"""


def load(tmp_path, host="", credential=", password: env:SECRET"):
    path = tmp_path / "acme.yaml"
    path.write_text(CLIENT % (host, credential))
    return next(load_client(path).hosts())


def complaint(tmp_path, *words):
    with pytest.raises(FileError) as caught:
        load(tmp_path, *words)
    return str(caught.value)


@pytest.mark.parametrize(
    ("host", "port"),
    [("", 5986), (", winrm: {tls: no}", 5985), (", port: 15986", 15986), (", port: 22, winrm: {tls: no}", 22)],
)
def test_the_port_is_the_usual_one_where_none_is_written(tmp_path, host, port):
    assert load(tmp_path, host).port == port


def test_ntlm_over_tls_is_meant_where_nothing_is_said(tmp_path):
    host = load(tmp_path)
    assert (host.winrm.tls, host.winrm.auth) == (True, "ntlm")


def test_basic_over_plain_http_is_refused_before_anything_is_sent(tmp_path):
    words = complaint(tmp_path, ", winrm: {tls: no, auth: basic}")
    assert "acme.yaml:8" in words
    assert "shows the password in the clear; right is tls: yes, or auth: ntlm" in words
    assert load(tmp_path, ", winrm: {auth: basic}").winrm.auth == "basic"


def test_a_certificate_needs_tls_and_its_key(tmp_path):
    both = ", certificate: file:a.pem, key: file:a.key"
    assert load(tmp_path, ", winrm: {auth: certificate}", both).winrm.auth == "certificate"
    assert "without TLS" in complaint(tmp_path, ", winrm: {auth: certificate, tls: no}", both)
    assert "nothing without its private key" in complaint(
        tmp_path, ", winrm: {auth: certificate}", ", password: env:X, certificate: file:a.pem"
    )


def test_a_credential_must_be_able_to_open_a_windows_host(tmp_path):
    assert "cannot log in by ntlm: add password to it" in complaint(tmp_path, "", ", key: file:a")
    assert load(tmp_path, ", winrm: {auth: kerberos}", "").winrm.auth == "kerberos"


def test_settings_of_winrm_on_another_wire_are_a_mistake(tmp_path):
    path = tmp_path / "acme.yaml"
    path.write_text(
        (CLIENT % (", winrm: {tls: no}", ", password: env:X")).replace("transport: winrm", "transport: ssh")
    )
    with pytest.raises(FileError, match="add transport: winrm or remove winrm"):
        load_client(path)


def test_a_pinned_certificate_is_read_and_a_cut_one_is_refused(tmp_path):
    pin = "x509-sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    (tmp_path / "acme.pins").write_text(f"dc1 {pin}\n")
    assert load(tmp_path).host_keys == (pin,)
    (tmp_path / "acme.pins").write_text("dc1 x509-sha256 47DEQpj8HBSa\n")
    assert "not a whole x509-sha256 key" in complaint(tmp_path)

"""A web server that does not answer, on real practice hosts with a real nginx."""

import pytest

from msp_ops.lab.lab import Lab
from tests.runbooks.mirror import install
from tests.runbooks.practice import KEPT, Practice, Told

pytestmark = pytest.mark.lab

SECOND = "/etc/nginx/sites-enabled/shop"


@pytest.fixture(scope="module")
def installed(lab: Lab) -> Practice:
    lab.reset("acme-web1")
    host = Practice(lab=lab, name="acme-web1")
    install(host, "nginx", "nginx-common")
    return host


@pytest.fixture
def nginx(installed: Practice) -> Practice:
    """With one site, and it answers."""
    installed.root(f"rm -rf /etc/nginx/sites-enabled/* {KEPT}")
    site(installed, "/etc/nginx/sites-enabled/own", "listen 80; location / { return 200 fine; }")
    installed.root("systemctl reset-failed nginx; systemctl restart nginx")
    return installed


def site(host: Practice, file: str, words: str) -> None:
    host.root(f"printf '%s\\n' 'server {{ {words} }}' >{file}")


def fix(host: Practice, **given: str) -> Told:
    return host.run("fix-web", "fix.sh", **given)


def verify(host: Practice, **given: str) -> Told:
    return host.run("fix-web", "verify.sh", **given)


def undo(host: Practice, **given: str) -> Told:
    return host.run("fix-web", "undo.sh", **given)


def test_a_stopped_server_is_started_once(nginx: Practice) -> None:
    nginx.root("systemctl stop nginx")
    assert verify(nginx).why == "nginx is inactive (dead)"
    told = fix(nginx)
    assert told.code == 0, told.output
    assert told.changed == ("nginx restarted: inactive (dead) -> active (running)",)
    assert verify(nginx).code == 0
    again = fix(nginx)
    assert (again.code, again.changed) == (0, ())
    assert verify(nginx, status="404").code == 1, "an answer that nobody wants is no answer"
    assert undo(nginx).changed == ()


def test_a_configuration_that_was_changed_is_loaded_without_a_restart(nginx: Practice) -> None:
    site(nginx, SECOND, "listen 81; location / { return 204; }")
    assert verify(nginx, port="81").code == 1
    before = nginx.root("systemctl show -p MainPID nginx")
    told = fix(nginx, port="81", status="204")
    assert told.code == 0, told.output
    assert told.changed == ("nginx reloaded: active (running) -> active (running)",)
    assert nginx.root("systemctl show -p MainPID nginx") == before
    assert "HTTP/1.1 204" in verify(nginx, port="81").output


def test_a_broken_configuration_is_never_loaded_and_its_site_can_be_switched_off_and_on(nginx: Practice) -> None:
    site(nginx, SECOND, "listen 80; nonsense on;")
    nginx.root("systemctl stop nginx")
    told = fix(nginx)
    assert (told.code, told.changed) == (75, ())
    assert 'unknown directive "nonsense"' in told.why
    told = fix(nginx, without="shop")
    assert told.code == 0, told.output
    assert told.changed[0].startswith(f"{SECOND} switched off")
    assert verify(nginx).code == 0
    assert fix(nginx, without="shop").changed == ()
    taken_back = undo(nginx)
    assert taken_back.code == 0, taken_back.output
    assert taken_back.changed == (f"{SECOND} switched on again",)
    assert "as broken as before" in taken_back.findings["nginx"]
    assert "nonsense" in nginx.root(f"cat {SECOND}")
    assert undo(nginx).changed == ()


def test_a_site_that_is_not_the_broken_one_stays(nginx: Practice) -> None:
    site(nginx, SECOND, "listen 80; nonsense on;")
    told = fix(nginx, without="own", how="reload")
    assert (told.code, told.changed) == (75, ())
    assert nginx.ends(f"test -e /etc/nginx/sites-enabled/own && ! test -e {KEPT}") == 0


def test_what_somebody_wrote_since_is_not_undone(nginx: Practice) -> None:
    site(nginx, SECOND, "listen 80; nonsense on;")
    assert fix(nginx, without="shop", how="restart").code == 0
    site(nginx, SECOND, "listen 82;")
    told = undo(nginx)
    assert (told.code, told.changed) == (1, ())
    assert "somebody has written another" in told.why


def test_a_site_behind_tls_and_the_preview(nginx: Practice) -> None:
    keys = "ssl_certificate /etc/ssl/lab-web.pem; ssl_certificate_key /etc/ssl/private/lab-web.key;"
    site(nginx, SECOND, f"listen 443 ssl; {keys} location / {{ return 301 https://x/; }}")
    assert fix(nginx, port="443", https="yes", name="lab-web").code == 0
    told = nginx.run("fix-web", "preview.sh", port="443", https="yes", status="200")
    assert told.code == 0
    assert "does not answer as it should: HTTP/1.1 301" in told.output
    assert verify(nginx, port="443").code == 1, "plain HTTP to a TLS port is refused with 400"


def test_a_host_without_a_web_server_says_so(db1: Practice) -> None:
    told = fix(db1)
    assert (told.code, told.why) == (75, "this host has no nginx and no Apache")

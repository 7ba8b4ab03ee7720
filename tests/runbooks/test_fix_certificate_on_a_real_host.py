"""A certificate that runs out, on a real practice host: a real nginx and openssl, a stand-in for certbot."""

import pytest

from msp_ops.lab.lab import Lab
from tests.runbooks.mirror import install
from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab

LIVE = "/etc/letsencrypt/live/shop.example.test"
# makes a certificate as certbot lays it down, or does what /root/certbot-says tells; always ends as certbot does
CERTBOT = f"""#!/bin/sh
echo "$*" >>/root/certbot-asked
case $(cat /root/certbot-says 2>/dev/null) in
  not-due) echo 'Certificate not yet due for renewal'; exit 0 ;;
  refused) echo 'Failed to renew certificate: Detail: 10.0.0.1: Timeout during connect'; exit 1 ;;
  busy) echo 'Another instance of Certbot is already running.'; exit 1 ;;
esac
openssl req -x509 -newkey rsa:2048 -nodes -keyout {LIVE}/privkey.pem -days "${{DAYS:-90}}" -subj /CN=shop.example.test \
  -addext subjectAltName=DNS:shop.example.test -out {LIVE}/fullchain.pem 2>/dev/null
echo msp: changed certbot says whatever it likes
"""
SITE = f"server {{ listen 443 ssl; ssl_certificate {LIVE}/fullchain.pem; ssl_certificate_key {LIVE}/privkey.pem; }}"


@pytest.fixture(scope="module")
def installed(lab: Lab) -> Practice:
    lab.reset("acme-web1")
    host = Practice(lab=lab, name="acme-web1")
    install(host, "nginx", "nginx-common")
    write(host, "/usr/local/bin/certbot", CERTBOT)
    host.root(f"chmod 0755 /usr/local/bin/certbot; mkdir -p {LIVE}; rm /etc/nginx/sites-enabled/*")
    return host


@pytest.fixture
def host(installed: Practice) -> Practice:
    """It serves a certificate that runs out in five days."""
    installed.root("rm -f /root/certbot-says; DAYS=5 certbot; rm /root/certbot-asked")
    write(installed, "/etc/nginx/sites-enabled/shop", SITE)
    installed.root("systemctl reset-failed nginx; systemctl restart nginx")
    return installed


def write(host: Practice, file: str, text: str) -> None:
    assert host.lab.inside(host.name, ["sh", "-c", 'cat >"$1"', "sh", file], text).returncode == 0


def fix(host: Practice, **given: str) -> Told:
    return host.run("fix-certificate", "fix.sh", certificate="shop.example.test", service="nginx", **given)


def verify(host: Practice, **given: str) -> Told:
    return host.run("fix-certificate", "verify.sh", certificate="shop.example.test", service="nginx", **given)


def test_it_is_renewed_and_served_once(host: Practice) -> None:
    assert verify(host).why.endswith("less than 30 days")
    preview = host.run("fix-certificate", "preview.sh", certificate="shop.example.test", service="nginx")
    assert preview.output.endswith("they are the same\nit would be renewed\n")
    told = fix(host)
    assert told.code == 0, told.output
    assert [change.split()[0] for change in told.changed] == ["certificate:shop.example.test", "nginx"]
    asked = "renew --cert-name shop.example.test --non-interactive --no-random-sleep-on-renew"
    assert host.root("cat /root/certbot-asked") == asked
    proved = verify(host)
    assert proved.code == 0, proved.output
    assert set(proved.findings) == {"chain:shop.example.test"}, "no authority has signed it"
    assert [int(each.value) for each in proved.report.reading.measurements] == [89]
    assert (
        "is not for the name other.example.test"
        in (verify(host, name="other.example.test").findings["certificate:shop.example.test"])
    )
    again = fix(host)
    assert (again.code, again.changed) == (0, ())
    assert host.root("cat /root/certbot-asked") == asked


def test_one_that_was_renewed_and_never_loaded_is_loaded(host: Practice) -> None:
    host.root("certbot; rm /root/certbot-asked")
    assert verify(host).why.startswith("port 443 shows another certificate")
    told = fix(host)
    assert told.changed == ("nginx loaded the certificate",)
    assert verify(host).code == 0
    assert host.ends("test -e /root/certbot-asked") == 1


@pytest.mark.parametrize(
    ("says", "code", "why"),
    [
        ("not-due", 1, "not yet due"),
        ("refused", 1, "it ended with 1, valid until"),
        ("busy", 75, "another certbot is at work"),
    ],
)
def test_what_certbot_did_is_read_from_the_certificate_not_from_its_exit_code(
    host: Practice, says: str, code: int, why: str
) -> None:
    host.root(f"echo {says} >/root/certbot-says")
    told = fix(host)
    assert (told.code, told.changed) == (code, ())
    assert why in told.why


def test_a_broken_configuration_is_not_loaded(host: Practice) -> None:
    write(host, "/etc/nginx/sites-enabled/shop", SITE.replace("listen", "nonsense"))
    told = fix(host)
    assert told.code == 1, "the certificate is new already"
    assert "it was not reloaded" in told.why
    assert verify(host).code == 1


def test_a_name_that_certbot_does_not_know_is_answered_with_those_that_it_does(host: Practice) -> None:
    told = host.run("fix-certificate", "fix.sh", certificate="shop", service="nginx")
    assert (told.code, told.why) == (75, "certbot has no shop on this host, it has: shop.example.test")

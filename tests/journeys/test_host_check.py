"""What `hosts check` advises when a host starts no shell of ours."""

import pytest

from msp_ops.domain.errors import NotReached
from msp_ops.journeys.host_check import _ask


class Refusing:
    """A session whose every question ends so."""

    def __init__(self, refusal):
        self.refusal = refusal

    def ask(self, _script, _run_as, _timeout):
        raise self.refusal


@pytest.mark.parametrize(
    ("refusal", "advised"),
    [
        (NotReached("sudo on acme/web1 was refused: a password is required", credential_refused=True), "sudo_password"),
        (NotReached("acme/web1 did not start our shell; it said: Good morning"), ".bashrc"),
        (NotReached("sudo on acme/web1 neither asked nor began in time"), ".bashrc"),
    ],
)
def test_the_advice_fits_what_the_host_said(refusal, advised):
    said = _ask(Refusing(refusal), "root", "id -u", "root").said
    assert said.startswith(f"{refusal}; ")
    assert [word for word in ("sudo_password", ".bashrc") if word in said] == [advised]

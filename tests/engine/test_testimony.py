"""What a host said is kept without secrets, also where its answer was cut."""

from dataclasses import replace

import pytest

from msp_ops.domain.outcome import Outcome
from msp_ops.domain.step import ScriptStep
from msp_ops.engine.host import run_on_host
from msp_ops.engine.testimony import LONGEST, clean
from msp_ops.secrets.redact import redactor
from msp_ops.transports.base import Answer
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import ACT, job, runbook, tools

SECRET = "correct-horse-battery-staple"
REDACT = redactor([SECRET])
SAID = b"msp: changed a it\n"
HALF = Answer(exit_code=0, output=SAID + b"password is " + SECRET[:20].encode(), cut=500)
PROVE = ScriptStep(kind="script", name="prove it", file="prove.sh", changes=False)


def test_a_half_of_a_secret_at_the_end_of_a_cut_answer_is_not_kept():
    book = runbook(steps=(ACT,), verify=(PROVE,), scripts={"clean.sh": "echo\n", "prove.sh": "echo\n"})
    host = FakeHost(looked=lambda _: HALF, changed=lambda _: HALF)
    result = list(run_on_host(job(book), replace(tools({"a": host}), redact=REDACT)))[-1].result
    assert result.outcome is Outcome.SUCCEEDED, result.reason
    assert [step.evidence.body for step in result.steps] == [SAID, SAID]
    assert [step.evidence.cut for step in result.steps] == [500 + len(HALF.output) - len(SAID)] * 2


def test_an_answer_that_is_whole_keeps_its_last_line():
    assert clean(Answer(exit_code=0, output=b"a\nb"), REDACT) == (b"a\nb", 0)


@pytest.mark.parametrize("ends", [b"", b"\n"])
def test_of_a_cut_answer_without_lines_what_no_secret_can_reach_stays(ends):
    body, cut = clean(Answer(exit_code=0, output=ends + b"x" * 1024 * 1024, cut=1), REDACT)
    assert (len(body), cut) == (1024 * 1024 + len(ends) - LONGEST, LONGEST + 1)

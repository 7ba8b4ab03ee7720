"""`runbooks accept` and `diff`: what a person reads before schedules use another version."""

from tests.files.cast import LOOK, write, write_runbook

WORDS = "#!/bin/sh\nsay() { echo one; }\n"


def test_what_two_runbooks_share_is_read_once_and_accepted_for_each(msp_ops, sample):
    shared = write(sample / "runbooks/_shared/words.sh", WORDS)
    for name in ("look-a", "look-b"):
        write_runbook(sample / "runbooks" / name, f"{LOOK}uses: [words]\n")
    assert msp_ops("runbooks", "accept", "look-a", "look-b", "--yes").returncode == 0
    assert "is as the library has it" in msp_ops("runbooks", "diff").stderr
    shared.write_text(WORDS.replace("one", "two"))
    told = msp_ops("runbooks", "diff").stdout
    assert told.count("+say() { echo two; }") == 1
    assert "_shared/words.sh: changed as in look-a" in told.partition("look-b: accepted")[2]
    assert msp_ops("runbooks", "accept", "look-b", "--yes").returncode == 0
    assert "two" in (sample / "accepted/look-b/_shared/words.sh").read_text()
    assert "one" in (sample / "accepted/look-a/_shared/words.sh").read_text()
    assert msp_ops("runbooks", "diff").stdout.count("look-b") == 0

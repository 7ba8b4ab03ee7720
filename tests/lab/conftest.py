"""A runbook that takes until it is let go, and leaves a line on the host each time it begins."""

import pytest

BOOK = """\
title: Do something slowly
activity: break/fix
impact: changes
parameters:
  seconds: {kind: int, title: How long it takes, minimum: 1, maximum: 600}
steps:
  - {script: act.sh, name: act, timeout: 10m}
  - {script: second.sh, name: act again}
verify:
  - {script: verify.sh, name: it is done}
client_sentence: Did something slowly.
"""
ACT = """\
#!/bin/sh
echo begun >>/root/effects
n=0
while [ "$n" -lt "$seconds" ] && [ ! -e /root/let-go ]; do sleep 1; n=$((n + 1)); echo "second $n"; done
touch /root/done
"""


@pytest.fixture
def slow_runbook(workspace, fresh):
    """`slowly`, whose first step leaves a line in /root/effects each time it begins."""
    fresh("acme-web1")
    folder = workspace / "runbooks" / "slowly"
    folder.mkdir(parents=True)
    (folder / "runbook.yaml").write_text(BOOK)
    (folder / "act.sh").write_text(ACT)
    (folder / "second.sh").write_text("#!/bin/sh\ntouch /root/second\n")
    (folder / "verify.sh").write_text("#!/bin/sh\ntest -e /root/done\n")


@pytest.fixture
def let_go(lab):
    """From now on its first step ends, however long it was meant to take."""
    return lambda: lab.inside("acme-web1", ["touch", "/root/let-go"])

"""The first files of a runbook: they validate, run, and rehearse green."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from msp_ops.domain.contract import Activity
from msp_ops.domain.errors import FileError, PlanError
from msp_ops.domain.runbook import Impact
from msp_ops.files.folder import create_file, make_folder
from msp_ops.files.schemas import FILES, write_schemas
from msp_ops.files.spelling import read_id, read_line

RUNBOOK = """\
# yaml-language-server: $schema=../../schemas/runbook.schema.json
title: {title}
symptoms: [{words}]  # what people say who need it: msp-ops runbooks list WORD
activity: {activity}
impact: {impact}
expected: 5m
{steps}client_sentence: {sentence}
"""
LOOKS = """\
steps:
  - {script: look.sh, name: look, timeout: 1m}
"""
CHANGES = """\
steps:
  - {script: fix.sh, name: fix, timeout: 5m}
verify:
  - {script: verify.sh, name: it is fixed, timeout: 1m}
"""
REBOOTS = """\
parameters:
  reboot: {kind: choice, title: Whether to restart the host, options: [never, if-needed, always], default: never}
steps:
  - {script: fix.sh, name: fix, timeout: 5m}
  - {reboot: reboot, name: restart, timeout: 15m}
verify:
  - {script: verify.sh, name: it is fixed, timeout: 1m}
"""
STEPS: Mapping[Impact, str] = {"read-only": LOOKS, "changes": CHANGES, "reboots": REBOOTS}
TOP = """\
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

"""
LOOK = f"""\
#!/bin/sh
# Looks, and changes nothing.
{TOP}read -r up _ </proc/uptime
printf 'msp: measurement uptime %s seconds\\n' "${{up%%.*}}"
"""
FIX = f"""\
#!/bin/sh
# An example: a file that must be there. A second run changes nothing.
{TOP}wanted=/run/%id%.example
if [ -e "$wanted" ]; then
  echo "$wanted is there"
  exit 0
fi
: >"$wanted"
printf 'msp: changed %s made\\n' "$wanted"
"""
VERIFY = f"""\
#!/bin/sh
# Is it so now? Changes nothing.
{TOP}wanted=/run/%id%.example
if [ ! -e "$wanted" ]; then
  printf 'msp: why %s is not there\\n' "$wanted"
  exit 1
fi
echo "$wanted is there"
"""
REHEARSAL = """\
# yaml-language-server: $schema=../../../schemas/rehearsal.schema.json
title: It works
proves: success
says:
"""
LOOKED = """\
  look:
    output: |
      msp: measurement uptime 3600 seconds
expect:
  outcome: succeeded
"""
FIXED = """\
  fix:
    output: |
      msp: changed /run/%id%.example made
  it is fixed:
    output: |
      /run/%id%.example is there
expect:
  outcome: succeeded
  changed: [/run/%id%.example made]
"""


def create_runbook(root: Path, runbook_id: str, *, title: str, activity: Activity, impact: Impact) -> Path:
    """A new folder in `runbooks/` of the workspace `root`, whole or not at all.

    PlanError for words that do not fit, FileError when there is something of that name.
    """
    _check(runbook_id, title)
    folder = root / "runbooks" / runbook_id
    if folder.exists():
        raise FileError(f"{folder} exists already and is not overwritten; edit it, or choose another id")
    make_folder(folder.parent)
    made = Path(tempfile.mkdtemp(prefix=f".{runbook_id}.", dir=folder.parent))
    try:
        for name, text in _files(runbook_id, title, activity, impact).items():
            make_folder((made / name).parent)
            create_file(made / name, text)
        made.chmod(0o755)
        made.rename(folder)
    except OSError as error:
        raise FileError(f"{folder} cannot be made: {error.strerror}") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    if not all((root / "schemas" / name).exists() for name in FILES):
        write_schemas(root / "schemas")
    return folder


def _files(runbook_id: str, title: str, activity: Activity, impact: Impact) -> dict[str, str]:
    if impact == "read-only":
        scripts, said = {"look.sh": LOOK}, LOOKED
    else:
        scripts, said = {"fix.sh": FIX, "verify.sh": VERIFY}, FIXED
    text = RUNBOOK.format(
        title=_quoted(title),
        words=runbook_id.replace("-", " "),
        activity=activity,
        impact=impact,
        steps=STEPS[impact],
        sentence=_quoted(f"{title.rstrip('.')}."),
    )
    files = {"runbook.yaml": text, **scripts, "rehearsals/success.yaml": REHEARSAL + said}
    return {name: body.replace("%id%", runbook_id) for name, body in files.items()}


def _quoted(text: str) -> str:
    """JSON's quotes are YAML's."""
    return json.dumps(text, ensure_ascii=False)


def _check(runbook_id: str, title: str) -> None:
    try:
        read_id(runbook_id)
        read_line(title)
    except ValueError as error:
        raise PlanError(str(error)) from error

"""`up` says what it makes, `down` leaves nothing, and neither touches what is not its own."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from msp_ops.lab import state as states
from msp_ops.lab.errors import LabError
from msp_ops.lab.hosts import named
from msp_ops.lab.lab import Lab
from msp_ops.lab.waiting import wait_for
from tests.lab_room.lasting import ROOT

pytestmark = pytest.mark.lab
TESTS = """\
import sys, time
from pathlib import Path
from msp_ops.lab import state as states
from msp_ops.lab.hosts import named
from tests.lab_room.lasting import lasting_lab
with lasting_lab(Path(sys.argv[1]), named(["borealis-app1"])) as lab:
    print(states.read(lab.folder).lab, flush=True)
    time.sleep(600)
"""


def traces(folder: Path, lab_id: str) -> set[str]:
    """Everything on the machine that names this lab: namespaces, groups, mounts and processes."""
    found = {str(path) for top in ("/run/netns", "/run/systemd/nspawn") for path in Path(top).rglob(f"*{lab_id}*")}
    found |= {folder for folder, _, _ in os.walk("/sys/fs/cgroup") if lab_id in folder.rpartition("/")[2]}
    for process in Path("/proc").glob("[0-9]*"):
        found |= set(_of_process(process, (str(folder), lab_id)))
    return found


def _of_process(process: Path, names: tuple[str, ...]) -> Iterator[str]:
    for part in ("cmdline", "mountinfo"):
        try:
            text = (process / part).read_text(errors="replace")
        except OSError:
            continue
        if any(name in text for name in names):
            yield f"{process}/{part}"


def test_down_leaves_no_process_mount_namespace_or_group(tmp_path: Path):
    lab = Lab.at(tmp_path / "lab")
    lab.up(named(["borealis-app1"]))
    lab_id = states.read(lab.folder).lab
    lab.fault("borealis-app1", "freeze")
    kinds = " ".join(traces(lab.folder.path, lab_id))
    for kind in ("/run/netns", "/sys/fs/cgroup", "cmdline", "mountinfo"):
        assert kind in kinds

    pins = lab.pins()
    lab.down()
    assert not lab.folder.run.exists()
    wait_for(lambda: not traces(lab.folder.path, lab_id), "the machine's own tidying up")
    with pytest.raises(LabError, match="is not up"):
        lab.status()
    lab.down()

    lab.up(named(["borealis-app1"]))
    try:
        assert lab.pins() == pins
        with pytest.raises(LabError, match="already up"):
            lab.up()
    finally:
        lab.down()


def test_a_lab_of_tests_goes_down_when_they_are_killed(tmp_path: Path):
    with Popen([sys.executable, "-c", TESTS, tmp_path / "lab"], stdout=PIPE, text=True, cwd=ROOT) as tests:
        assert tests.stdout
        lab_id = tests.stdout.readline().strip()
        assert "/run/netns" in " ".join(traces(tmp_path / "lab", lab_id))
        tests.kill()
    wait_for(lambda: not traces(tmp_path / "lab", lab_id), "going down", limit=30)


def test_an_up_that_breaks_off_leaves_nothing(tmp_path: Path):
    said: list[str] = []

    def stop_at_boot(line: str) -> None:
        said.append(line)
        if line.startswith("booting"):
            said.append(states.read(lab.folder).lab)
            raise KeyboardInterrupt

    lab = Lab.at(tmp_path / "lab", say=stop_at_boot)
    with pytest.raises(KeyboardInterrupt):
        lab.up(named(["borealis-app1"]))
    assert not lab.folder.run.exists()
    assert not traces(lab.folder.path, said[-1])


def test_the_plan_names_all_that_is_made(tmp_path: Path):
    lab = Lab.at(tmp_path / "lab")
    text = "\n".join(lab.plan(named(["acme-web1", "borealis-files1"])))
    for part in ("acme-web1 (10.77.0.11)", "borealis-files1 (10.77.0.22)", "10.77.0.0/24", str(lab.folder.path)):
        assert part in text
    assert str(lab.cache.folder.path) in text
    assert not lab.folder.path.exists()


def test_a_first_up_says_what_it_downloads(tmp_path: Path):
    text = "\n".join(Lab.at(tmp_path / "lab", cache=tmp_path / "cache").plan())
    assert "downloaded from this machine's own package sources" in text
    assert "restic" in text


def test_somebody_elses_folder_is_never_touched(tmp_path: Path):
    (tmp_path / "letter").write_text("dear")
    lab = Lab.at(tmp_path)
    with pytest.raises(LabError, match="not made by the lab"):
        lab.up(named(["acme-web1"]))
    with pytest.raises(LabError, match="not made by the lab"):
        lab.down(purge=True)
    assert [path.name for path in tmp_path.iterdir()] == ["letter"]


def test_a_purge_keeps_a_cache_that_another_lab_stands_on(tmp_path: Path):
    lab = Lab.at(tmp_path / "lab", cache=tmp_path / "cache")
    lab.folder.claim()
    lab.cache.folder.claim()
    lab.cache.use()
    lab.down(purge=True)
    assert not lab.folder.path.exists()
    assert lab.cache.folder.path.exists()

"""The host's own side: what it knows after kills, restarts and full disks, judged by what really ran."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from msp_ops.transports.base import Ended, Gone, Interrupted, NeverCommitted, Running
from tests.torture.size import size
from tests.transports.room import DISK, RUN, TOOLS, room

pytestmark = [
    pytest.mark.wire,
    pytest.mark.skipif(os.geteuid() != 0, reason="a mount namespace of its own needs root; CI runs as root"),
]
WAITS = "touch {0}/up; while [ ! -e {0}/go ]; do sleep 0.05; done; echo done; exit 3\n"


@pytest.fixture
def here(tmp_path):
    (tmp_path / "effects").mkdir()
    with room(tmp_path) as made:
        yield made


@pytest.fixture
def effects(tmp_path):
    return tmp_path / "effects"


def begin(here, effects, parcel="p-1", **lease):
    here.deliver(parcel, WAITS.format(effects))
    here.commit(parcel, **lease)
    here.when((effects / "up").exists)
    return parcel


def end(here, effects, parcel):
    (effects / "go").touch()
    return here.when(lambda: not isinstance(standing := here.collect(parcel), Running) and standing)


def run(here, parcel, script="true\n", **lease):
    here.deliver(parcel, script)
    here.commit(parcel, **lease)
    return here.when(lambda: not isinstance(standing := here.collect(parcel), Running) and standing)


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_every_shell_that_a_host_may_have_plays_the_whole_play(here, effects, shell):
    program = shutil.which(shell)
    if not program:
        pytest.skip(f"{shell} is not installed here; dash and bash always are")
    tools = f"{program} --install -s {TOOLS}" if shell == "busybox" else f"ln -s {program} {TOOLS}/sh"
    assert here.sh(tools).returncode == 0
    parcel = begin(here, effects)
    assert isinstance(here.asked("withdraw", parcel), Running)
    assert run(here, "p-2").answer.exit_code == 75
    ended = end(here, effects, parcel)
    assert (ended.answer.exit_code, ended.answer.output) == (3, b"done\n")
    here.deliver("p-3", "touch /nowhere\n")
    assert here.asked("withdraw", "p-3") == NeverCommitted()
    here.deliver("p-4", "sleep 300 & sleep 300\n")
    here.commit("p-4")
    here.identity("p-4", "began")
    assert here.asked("cancel", "p-4").cancelled
    assert run(here, "p-5", token=0).answer.output == b"msp: why a younger run of msp-ops holds this host\n"
    here.when(lambda: here.sh(f"cat {DISK}/{parcel}/exit").stdout)
    here.restart()
    assert here.collect(parcel) == ended
    here.forget(parcel)
    assert here.collect(parcel) == Gone()


def test_a_script_whose_supervisor_was_killed_still_runs_and_still_bars_the_others(here, effects):
    parcel = begin(here, effects)
    here.kill_supervisor(parcel)
    here.when(lambda: not Path(f"/proc/{here.identity(parcel, 'pid')}").exists())
    assert isinstance(here.collect(parcel), Running)
    refused = run(here, "p-2", f"touch {effects}/second\n")
    assert refused.answer.exit_code == 75
    assert end(here, effects, parcel) == Interrupted(why="killed")
    assert not (effects / "second").exists()
    assert run(here, "p-3").answer.exit_code == 0


def test_the_lock_does_without_flock(here, effects):
    assert here.sh("mount --bind /dev/null $(command -v flock)").returncode == 0
    parcel = begin(here, effects)
    assert run(here, "p-2").answer.exit_code == 75
    here.kill_supervisor(parcel)
    assert run(here, "p-3").answer.exit_code == 75
    end(here, effects, parcel)
    assert run(here, "p-4").answer.exit_code == 0
    began = Path(f"/proc/{here.inside}/stat").read_text().rpartition(")")[2].split()[19]
    here.sh(f"mkdir {RUN}/other; echo {here.inside} {began} >{RUN}/other/pid")
    assert run(here, "p-5").answer.exit_code == 75


CHILD = "sh -c '{waits}'\n: its last words\n"


def begin_with_a_child(here, effects, **more):
    """Who watches the script (busybox: the script itself), everything of its session, and the child it has begun."""
    here.deliver("p-1", CHILD.format(waits=WAITS.format(effects).strip()))
    here.commit("p-1", **more)
    here.when((effects / "up").exists)
    watcher = here.identity("p-1", "began")
    session = ["pgrep", "-s", str(watcher)]
    everything, (child,) = (
        [int(each) for each in subprocess.run(argv, capture_output=True, check=True).stdout.split()]
        for argv in (session, [*session, "-f", "while"])
    )
    return watcher, everything, child


def assert_at_work(here, effects):
    """Nobody may begin beside it, and nobody says that it has ended."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        assert isinstance(here.collect("p-1"), Running)
    assert run(here, "p-2", f"touch {effects}/second\n").answer.exit_code == 75
    assert not (effects / "second").exists()
    here.forget("p-1")
    assert isinstance(here.collect("p-1"), Running)


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
@pytest.mark.parametrize("supervisor_too", [False, True], ids=["alone", "with its supervisor"])
def test_when_who_watches_a_script_is_killed_what_it_began_still_bars_the_others(here, effects, shell, supervisor_too):
    program = shutil.which(shell)
    if not program:
        pytest.skip(f"{shell} is not installed here; dash and bash always are")
    here.sh(f"{program} --install -s {TOOLS}" if shell == "busybox" else f"ln -s {program} {TOOLS}/sh")
    watcher, *_ = begin_with_a_child(here, effects)
    if supervisor_too:
        here.kill_supervisor("p-1")
    os.kill(watcher, signal.SIGKILL)
    assert_at_work(here, effects)
    assert end(here, effects, "p-1") == Interrupted(why="killed")
    assert run(here, "p-3").answer.exit_code == 0


def test_a_host_that_looks_slowly_tells_apart_what_dies_and_what_goes_on(here, effects):
    """Seconds are counted, not looks."""
    slow = (
        f"printf '#!/bin/sh\\nsleep 0.4\\nexec {shutil.which('grep')} \"$@\"\\n' >{TOOLS}/grep; chmod +x {TOOLS}/grep"
    )
    assert here.sh(slow).returncode == 0
    watcher, *_ = begin_with_a_child(here, effects)
    os.kill(watcher, signal.SIGKILL)
    assert_at_work(here, effects)
    assert end(here, effects, "p-1") == Interrupted(why="killed")


def test_what_goes_on_is_stopped_also_when_its_watcher_was_killed_in_its_last_second(here, effects):
    watcher, _, child = begin_with_a_child(here, effects, seconds=2)
    here.when(lambda: age_of(watcher) > 1.5)
    os.kill(watcher, signal.SIGKILL)
    standing = here.when(lambda: not isinstance(found := here.collect("p-1"), Running) and found)
    assert standing == Interrupted(why="killed")
    assert not Path(f"/proc/{child}/exe").exists()


def age_of(process):
    """Seconds since it began."""
    began = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19])
    return float(Path("/proc/uptime").read_text().split()[0]) - began / os.sysconf("SC_CLK_TCK")


def test_a_child_that_outlived_its_whole_script_still_bars_the_others_until_it_is_cancelled(here, effects):
    _, everything, child = begin_with_a_child(here, effects)
    here.kill_supervisor("p-1")
    for process in {*everything} - {child}:
        with suppress(ProcessLookupError):  # it naps
            os.kill(process, signal.SIGKILL)
    assert_at_work(here, effects)
    assert here.asked("cancel", "p-1").cancelled
    assert run(here, "p-3").answer.exit_code == 0


def test_what_goes_on_without_its_watcher_is_stopped_when_its_time_is_over(here, effects):
    watcher, _, child = begin_with_a_child(here, effects, seconds=4)
    os.kill(watcher, signal.SIGKILL)
    standing = here.when(lambda: not isinstance(found := here.collect("p-1"), Running) and found)
    assert standing == Interrupted(why="killed")
    assert not Path(f"/proc/{child}/exe").exists()
    assert run(here, "p-3").answer.exit_code == 0


def test_a_watcher_that_is_killed_with_everything_it_began_ends_with_its_code(here, effects):
    watcher, *_ = begin_with_a_child(here, effects)
    os.killpg(watcher, signal.SIGKILL)
    assert here.when(lambda: not isinstance(found := here.collect("p-1"), Running) and found).answer.exit_code == 137


LEFT = ["sleep 300 & {}; exit 4", "setsid env -i sleep 300 & {}; exit 4", "setsid env -i sleep 300 & {}; kill -KILL $$"]


@pytest.mark.parametrize("script", LEFT)
def test_what_a_script_left_behind_on_purpose_bars_nobody(here, effects, script):
    ended = run(here, "p-1", f"exec >/dev/null 2>&1; {script.format(f'echo $! >{effects}/left')}\n")
    assert ended.answer.exit_code in {4, 137}
    assert run(here, "p-2").answer.exit_code == 0
    os.kill(int((effects / "left").read_text()), signal.SIGKILL)


def test_supervisor_and_script_killed_is_an_interrupted_change(here, effects):
    parcel = begin(here, effects)
    here.kill_supervisor(parcel)
    here.kill_script(parcel)
    killed = here.when(lambda: not isinstance(standing := here.collect(parcel), Running) and standing)
    assert killed == Interrupted(why="killed")
    assert here.asked("cancel", parcel) == Interrupted(why="killed")


def test_a_process_number_that_was_used_again_is_not_taken_for_ours(here, effects):
    parcel = begin(here, effects)
    here.end_all()
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    said = f"{stranger.pid} 12345"
    here.sh(f"cd {RUN}/{parcel}; echo {said} >pid; rm began; echo {said} >began")
    assert here.collect(parcel) == here.asked("cancel", parcel) == Interrupted(why="killed")
    assert run(here, "p-2").answer.exit_code == 0
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def nobody_is_left(here, session):
    alive = ["pgrep", "-r", "R,S,D", "-s", str(session)]
    here.when(lambda: subprocess.run(alive, capture_output=True, check=False).stdout == b"", seconds=3)


def test_the_sign_of_life_is_at_most_five_seconds_old_and_ends_with_the_supervisor(here, effects):
    parcel = begin(here, effects)
    here.when(lambda: here.collect(parcel).silent_for > timedelta(seconds=4), seconds=10)
    here.when(lambda: here.collect(parcel).silent_for < timedelta(seconds=1), seconds=10)
    here.kill_supervisor(parcel)
    here.when(lambda: here.collect(parcel).silent_for > timedelta(seconds=6), seconds=12)
    end(here, effects, parcel)
    nobody_is_left(here, here.identity(parcel, "pid"))


def test_nothing_of_the_supervisor_is_left_when_a_script_has_ended(here, effects):
    parcel = begin(here, effects)
    supervisor = here.identity(parcel, "pid")
    end(here, effects, parcel)
    nobody_is_left(here, supervisor)


def test_the_time_that_it_took_is_measured_on_the_host(here):
    took = run(here, "p-1", "sleep 1.2\n").took
    assert timedelta(seconds=1.2) <= took < timedelta(seconds=4)


def test_a_restart_in_the_middle_is_told(here, effects):
    parcel = begin(here, effects)
    here.restart()
    assert here.collect(parcel) == Interrupted(why="restarted")
    here.deliver(parcel, WAITS.format(effects))
    here.commit(parcel)
    assert here.asked("cancel", parcel) == Interrupted(why="restarted")
    assert here.sh(f"ls {RUN}/{parcel}").returncode != 0
    here.forget(parcel)
    assert here.collect(parcel) == Gone()


def test_after_a_restart_what_ended_before_is_known_with_its_output(here, effects):
    before = end(here, effects, begin(here, effects))
    here.when(lambda: here.sh(f"cat {DISK}/p-1/exit").stdout)
    here.restart()
    assert here.collect("p-1") == before
    assert isinstance(before, Ended)


def test_after_a_restart_what_was_only_delivered_or_withdrawn_never_ran(here):
    for parcel in ("p-1", "p-2"):
        here.deliver(parcel, "true\n")
    here.asked("withdraw", "p-2")
    here.restart()
    for parcel in ("p-1", "p-2"):
        assert here.collect(parcel) == NeverCommitted()
        assert here.asked("withdraw", parcel) == NeverCommitted()
        here.deliver(parcel, "true\n")
        assert here.sh(here.commit_argv(parcel)[-1]).returncode == 0
        assert here.collect(parcel) == NeverCommitted()


def test_after_a_restart_an_older_lease_is_still_refused(here, effects):
    assert run(here, "p-1", token=8).answer.exit_code == 0
    here.restart()
    assert run(here, "p-2", f"touch {effects}/ran\n", token=7).answer.exit_code == 75
    assert not (effects / "ran").exists()


@pytest.mark.parametrize("spoilt", ["echo >", "echo x >", "rm "])
def test_a_spoilt_fence_on_the_disk_stops_nobody(here, spoilt):
    assert run(here, "p-1", token=8).answer.exit_code == 0
    here.restart()
    here.sh(f"{spoilt}{DISK}/fences/here")
    assert run(here, "p-2", token=3).answer.exit_code == 0


FILL = f"head -c 3000000 /dev/zero >{DISK}/full 2>/dev/null"


@pytest.mark.parametrize("spoil", [FILL, f"mount -o remount,ro {DISK}"], ids=["full", "read-only"])
def test_a_disk_that_takes_nothing_stops_no_change(here, effects, spoil):
    here.sh(spoil)
    assert run(here, "p-1", f"echo here; touch {effects}/ran\n").answer.output == b"here\n"
    assert (effects / "ran").exists()
    here.restart()
    assert not isinstance(here.collect("p-1"), NeverCommitted)


def test_a_disk_that_fills_up_after_the_delivery_never_makes_us_say_that_nothing_ran(here, effects):
    here.deliver("p-1", f"touch {effects}/ran\n")
    here.sh(FILL)
    here.commit("p-1")
    here.when((effects / "ran").exists)
    here.restart()
    assert here.collect("p-1") == Gone()


def test_a_disk_that_can_neither_take_nor_lose_a_word_bars_the_change(here, effects):
    here.deliver("p-1", f"touch {effects}/ran\n")
    here.sh(f"mount -o remount,ro {DISK}")
    here.commit("p-1")
    refused = here.when(lambda: not isinstance(standing := here.collect("p-1"), Running) and standing)
    assert refused.answer.exit_code == 75
    assert b"neither be written nor removed" in refused.answer.output
    assert not (effects / "ran").exists()


def test_output_that_the_disk_did_not_take_is_counted(here):
    here.deliver("p-1", "head -c 800 /dev/zero; exit 4\n")
    here.sh(f"ln -s /dev/full {DISK}/p-1/output")
    here.commit("p-1")
    here.when(lambda: here.sh(f"cat {DISK}/p-1/exit").stdout)
    here.restart()
    ended = here.collect("p-1")
    assert (ended.answer.exit_code, ended.answer.output, ended.answer.cut) == (4, b"", 800)


def test_a_commit_that_died_on_its_way_never_begins_later(here, effects):
    here.deliver("p-1", f"touch {effects}/ran\n")
    here.sh(f"mkdir {RUN}/p-1/committed")
    assert isinstance(here.collect("p-1"), Running)
    here.sh(f"read -r up _ </proc/uptime; echo $(((${{up%.*}} - 61) * 100)) >{RUN}/p-1/at")
    assert here.collect("p-1") == NeverCommitted()
    here.sh(f"exec sh {RUN}/p-1/supervisor {RUN}/p-1 60 1000 here 1 {DISK}/p-1")
    assert here.collect("p-1") == NeverCommitted()
    assert not (effects / "ran").exists()


def test_a_supervisor_that_died_before_the_script_ran_nothing(here, effects):
    here.deliver("p-1", f"touch {effects}/ran\n")
    here.sh(f"mkdir {RUN}/p-1/committed; echo 4194304 1 >{RUN}/p-1/pid")
    assert here.collect("p-1") == NeverCommitted()


def test_cancel_speaks_for_a_supervisor_that_was_killed(here, effects):
    parcel = begin(here, effects)
    here.kill_supervisor(parcel)
    ended = here.asked("cancel", parcel)
    assert (ended.answer.exit_code, ended.cancelled, ended.took) == (None, True, None)
    assert here.collect(parcel) == ended
    here.restart()
    assert here.collect(parcel) == ended


def test_one_who_withdraws_and_one_who_commits_at_once_agree_in_many_races(here, effects):
    answers, races = {}, size(60, 200)
    for number in range(races):
        parcel = f"r-{number}"
        here.deliver(parcel, f"touch {effects}/{parcel}\n")
        here.when(lambda: here.sh(f"flock -n {RUN}/lock true").returncode == 0)
        committing = subprocess.Popen(here.commit_argv(parcel), stdin=subprocess.DEVNULL)
        time.sleep(number % 20 / 200)
        answers[parcel] = here.asked("withdraw", parcel)
        committing.wait(20)
    here.when(lambda: here.sh(f"flock -n {RUN}/lock true").returncode == 0)
    for parcel, answer in answers.items():
        last = here.collect(parcel)
        assert (last == NeverCommitted()) == (answer == NeverCommitted())
        assert (effects / parcel).exists() == (isinstance(last, Ended) and last.answer.exit_code == 0)
    assert races / 20 < len(list(effects.iterdir())) < races * 19 / 20
    here.parcels.clear()


def test_leftovers_are_swept_when_they_are_a_month_old(here):
    for age, parcel in ((31, "old"), (29, "young")):
        here.sh(f"mkdir {DISK}/{parcel}; touch -d '{age} days ago' {DISK}/{parcel}/exit")
    here.sh(f"mkdir {DISK}/begun; touch -d '90 days ago' {DISK}/begun/begun")
    for age, run in ((91, "r-old"), (89, "r-young")):
        here.sh(
            f"mkdir -p {DISK}/kept/{run}; touch {DISK}/kept/{run}/lock; touch -d '{age} days ago' {DISK}/kept/{run}"
        )
    here.deliver("p-1", "true\n")
    assert sorted(here.sh(f"ls {DISK}").stdout.split()) == [b"begun", b"kept", b"p-1", b"young"]
    assert here.sh(f"ls {DISK}/kept").stdout.split() == [b"r-young"]


def test_what_was_withdrawn_does_not_wait_there_with_its_secrets(here):
    here.deliver("p-1", "password=hunter2\n")
    assert here.asked("withdraw", "p-1") == NeverCommitted()
    assert here.sh(f"grep -rl hunter2 {RUN} {DISK}").stdout == b""
    here.commit("p-1")
    here.deliver("p-1", "password=hunter2\n")
    assert here.collect("p-1") == NeverCommitted()
    assert here.sh(f"grep -rl hunter2 {RUN} {DISK}").stdout == b""


def test_what_was_delivered_and_never_meant_goes_after_a_day(here, effects):
    running = begin(here, effects)
    for parcel in ("left", "half", "young"):
        here.deliver(parcel, "password=hunter2\n")
    here.sh(f"mv {RUN}/half/script {RUN}/half/script.part; touch -d '50 hours ago' {RUN}/*/script*")
    here.sh(f"touch -d '20 hours ago' {RUN}/young/script")
    here.deliver("p-2", "true\n")
    there = set(here.sh(f"ls {RUN}").stdout.split())
    assert {b"young", b"p-1", b"p-2", b"fences", b"lock"} == there
    assert end(here, effects, running).answer.exit_code == 3


def test_nobody_else_can_look_into_either_copy(here, effects):
    begin(here, effects)
    modes = here.sh(f"stat -c %a {RUN} {RUN}/p-1 {RUN}/fences {DISK} {DISK}/p-1 {DISK}/fences").stdout
    assert set(modes.split()) == {b"700"}

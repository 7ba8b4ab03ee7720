"""Scripts on hosts with other tools: the functions of single runbooks, without a host."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from msp_ops.engine.script import variables
from tests.runbooks.practice import LIBRARY, shared

AWKS = ("mawk", "gawk", "busybox")
KERNELS = "linux-image-6.1.0-9|6.1.9-1\nlinux-image-amd64|6.1.9-1\nlab-new|2.0-1\n"


def run(script: str, *, shell: Iterable[str] = ("dash",), path: Path | None = None) -> str:
    """What it prints; it must end well. `path` stands in front of the host's programs."""
    first = f"PATH={path}:$PATH; export PATH\n" if path else ""
    done = subprocess.run([*shell, "-c", first + script], capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def functions(runbook: str, file: str, until: str) -> str:
    """What is delivered, up to the line that begins to act."""
    text, found, _ = LIBRARY[runbook].scripts[file].partition(f"\n{until}")
    assert found
    return f"{text}\n"


@pytest.fixture(params=AWKS)
def awk(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder in which awk is this one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = subprocess.run(["which", str(request.param)], capture_output=True, text=True, check=False).stdout.strip()
    if not program:
        pytest.skip(f"no {request.param} here")
    (folder / "awk").symlink_to(program)
    return folder


def test_a_subject_keeps_its_brackets_and_dashes_in_every_awk(awk: Path, tmp_path: Path) -> None:
    begin = functions("inventory-diff", "changed.sh", 'if [ ! -s "$accepted" ]')
    (tmp_path / "was").write_text("listener\ttcp:127.0.0.1:1\tx\n")
    (tmp_path / "is").write_text("listener\ttcp:127.0.0.1:1\tx\nlistener\ttcp:[::1]:80 (a-b)\tnginx\n")
    said = run(f"{begin}most=9 accepted={tmp_path}/was; PATH={awk}:$PATH; compare {tmp_path}/is")
    assert "msp: finding warning listener:tcp:[::1]:80__a-b_ came: nginx\n" in said


def test_an_address_keeps_its_brackets_and_nothing_odd_in_every_awk(awk: Path) -> None:
    text = LIBRARY["health-security"].scripts["listeners.sh"]
    rows = 'Netid State Recv-Q Send-Q Local Peer\ntcp LISTEN 0 9 [fe80::1]%et!0-1:80 *:* users:(("nginx",pid=1,fd=2))'
    asked = f"ports=443\nss() {{ echo '{rows}'; }}\n"
    said = run(f"{asked}{text.replace('export LC_ALL PATH', f'PATH={awk}:$PATH; export LC_ALL PATH')}")
    assert "msp: finding warning tcp/80 nginx listens on [fe80::1]%et_0-1, and is not on the list" in said


@pytest.mark.parametrize(
    ("running", "advice"),
    [
        ("6.1.0-8", "stays, and the next start boots it: remove it before that, or choose the kernel from before"),
        (
            "6.1.0-9",
            "stays, and it runs now: restart into the kernel from before by the boot menu, then remove this one",
        ),
    ],
)
def test_a_new_kernel_that_stays_is_a_warning_with_what_to_do(tmp_path: Path, running: str, advice: str) -> None:
    begin = functions("patch-rollback", "rollback.sh", "manager=$(manager)")
    (tmp_path / "new").write_text(KERNELS)
    acts = f"uname() {{ echo {running}; }}\nwork={tmp_path} run=20261123-7k3xq manager=apt; say_what_came_new"
    kernel, meta, other = run(begin + acts).splitlines()
    assert kernel.startswith(
        "msp: finding warning linux-image-6.1.0-9 6.1.9-1 came with run 20261123-7k3xq in place of nothing and "
    )
    assert advice in kernel
    assert meta.startswith("msp: finding info linux-image-amd64 ")
    assert other == "msp: finding info lab-new 2.0-1 came with run 20261123-7k3xq in place of nothing, and stays"


def test_where_grubby_is_it_can_keep_the_kernel_that_runs(tmp_path: Path) -> None:
    begin = functions("patch-rollback", "rollback.sh", "manager=$(manager)")
    (tmp_path / "new").write_text("kernel-core.x86_64|6.2-1.el9\n")
    acts = (
        f"grubby() {{ :; }}\nuname() {{ echo 6.1-1.el9.x86_64; }}\nwork={tmp_path} run=x manager=dnf; say_what_came_new"
    )
    assert "grubby --set-default /boot/vmlinuz-6.1-1.el9.x86_64 keeps the one that runs now" in run(begin + acts)
    assert "it runs now" in run(begin + acts.replace("6.1-1.el9.x86_64", "6.2-1.el9.x86_64"))


def test_borg_does_not_wait_for_a_repository_behind_a_link_that_is_down(tmp_path: Path) -> None:
    begin = f"{variables({'passphrase-file': ''})}{shared('report', 'borg')}work={tmp_path}\n"
    said = run(f'{begin}nice() {{ printf "%s\\n" "$BORG_RSH"; }}\nask_borg list')
    assert "BatchMode=yes" in said
    assert "ConnectTimeout=20" in said
    assert "ServerAliveInterval=15" in said


def test_the_names_of_a_whole_snapshot_are_never_kept_in_memory(tmp_path: Path) -> None:
    rows = "".join(f"-rw-r--r--     0     0  {each} 2026-11-22 01:02:03 /srv/a file {each}\n" for each in range(1, 400))
    (tmp_path / "listing").write_text(f"snapshot 0a1b2c3d of [/srv] at 2026-11-22 by x@y filtered by []:\n{rows}")
    given = variables(
        {"files": "3", "quota": "100", "within": "", "source-host": "", "repository": "r", "scratch": "/x"}
    )
    begin = f"{given}{variables({'password-file': 'p', 'msp-kept': '/k/1'})}"
    begin += functions("restore-test-restic", "restore.sh", '[ "$(id -u)" -eq 0 ]')
    work = tmp_path / "work"
    work.mkdir()
    script = f"{begin}work={work}\nask_restic() {{ cat {tmp_path}/listing; }}\nchoose; echo ${{snapshot-}}"
    assert run(script) == "0a1b2c3d\n"
    chosen = [line.split(" ", 1) for line in (work / "chosen").read_text().splitlines()]
    assert len(chosen) == 3
    assert sum(int(size) for size, _ in chosen) <= 100
    assert all(name == f"/srv/a file {size}" for size, name in chosen)
    assert max(file.stat().st_size for file in work.iterdir()) < 500
    failing = script.replace("listing; }", "listing; return 3; }").replace("choose;", "choose || echo unlisted;")
    assert run(failing).startswith("unlisted\n")


def test_what_makes_a_scratch_server_follow_another_one_is_left_out_of_a_dump(tmp_path: Path) -> None:
    begin = variables({"scratch": "/x", "msp-kept": "/k/1"})
    begin += functions("restore-test-mysql", "restore.sh", '[ "$(id -u)" -eq 0 ]')
    dump = [
        *("-- MariaDB dump 10.19", "STOP ALL SLAVES;", "CHANGE MASTER TO", "  MASTER_HOST='192.0.2.1';"),
        *("INSERT INTO `t` VALUES ('x'),", "('START SLAVE');", "START SLAVE;", "-- Dump completed"),
    ]
    (tmp_path / "dump").write_text("\n".join(dump) + "\n")
    said = run(f"{begin}work={tmp_path}; with_counts <{tmp_path}/dump")
    assert said.splitlines() == [dump[0], dump[4], dump[5], dump[7]]
    assert (tmp_path / "rows").read_text() == "restored\t`t`\t2\n"


@pytest.mark.parametrize(("refused", "words", "says"), [("false", "", "cannot cut"), ("true", "unshare -n", "")])
def test_a_scratch_server_has_no_network_where_the_host_can_take_it_away(refused: str, words: str, says: str) -> None:
    begin = f"{variables({'scratch': '/x', 'msp-kept': '/k/1'})}{shared('report', 'scratch', 'scratch-server')}"
    said = run(f'{begin}unshare() {{ {refused}; }}\ncut_off; echo "<$apart>"')
    assert said.endswith(f"<{words}>\n")
    assert says in said

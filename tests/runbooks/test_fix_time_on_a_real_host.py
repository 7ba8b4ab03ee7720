"""A clock that nobody keeps, on a real practice host with a real chrony.

Practice hosts share the machine's clock, so it is never set: chronyd runs with -x (it only looks), and the servers are
on the host itself. Not tried for that reason: setting the clock at once, and ntpd, openntpd and systemd-timesyncd.
"""

import pytest

from msp_ops.lab.lab import Lab
from tests.runbooks.mirror import install
from tests.runbooks.practice import Practice, Told

pytestmark = pytest.mark.lab

# the clock of the machine, and so many seconds
SERVER = r"""
use IO::Socket::INET; use Time::HiRes qw(time);
my ($ahead, $stratum) = @ARGV;
my $socket = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 1123, Proto => "udp") or die;
sub stamp { my $at = $_[0] + 2208988800; pack("NN", int($at), ($at - int($at)) * 4294967296) }
while (my $from = $socket->recv(my $asked, 512)) {
  my $now = time + $ahead;
  $socket->send(pack("CCcc NN a4", 0x24, $stratum, 4, -20, 0, 0, "LOCL") . stamp($now - 1) . substr($asked, 40, 8)
    . stamp($now) . stamp($now));
}
"""
ONLY_LOOKS = """
mkdir -p /etc/systemd/system/chrony.service.d
printf '[Unit]\\nConditionCapability=\\n[Service]\\nExecStart=\\nExecStart=!/usr/sbin/chronyd -x -F 0\\n' \
  >/etc/systemd/system/chrony.service.d/only-looks.conf
printf 'server 127.0.0.1 port 1123 iburst minpoll 0 maxpoll 1\\nmakestep 1 3\\n' >/etc/chrony/chrony.conf
systemctl daemon-reload
"""


@pytest.fixture(scope="module")
def installed(lab: Lab) -> Practice:
    lab.reset("acme-web1")
    host = Practice(lab=lab, name="acme-web1")
    install(host, "chrony")
    assert host.lab.inside(host.name, ["sh", "-c", "cat >/root/time.pl"], SERVER).returncode == 0
    host.root(ONLY_LOOKS)
    return host


def serve(host: Practice, ahead: str, stratum: str = "2") -> None:
    host.root(
        "systemctl stop time-server chrony 2>/dev/null || true; systemctl reset-failed chrony 2>/dev/null || true"
    )
    host.root(f"systemd-run -q --collect --unit=time-server perl /root/time.pl {ahead} {stratum}")
    host.root("until ss -Hlun 'sport = :1123' | grep -q .; do sleep 0.05; done")


def fix(host: Practice, **given: str) -> Told:
    return host.run("fix-time", "fix.sh", **{"patience": "30s", **given})


def verify(host: Practice) -> Told:
    return host.run("fix-time", "verify.sh")


def test_a_stopped_service_is_started_and_synchronises_once(installed: Practice) -> None:
    serve(installed, "0")
    assert verify(installed).why == "chrony.service is not synchronised"
    told = fix(installed)
    assert told.code == 0, told.output
    assert len(told.changed) == 1
    assert told.changed[0].startswith("chrony.service restarted, the clock was ")
    proved = verify(installed)
    assert proved.code == 0, proved.output
    assert [abs(float(each.value)) < 0.5 for each in proved.report.reading.measurements] == [True]
    again = fix(installed)
    assert (again.code, again.changed) == (0, ())


def test_a_clock_that_is_far_off_is_not_touched(installed: Practice) -> None:
    serve(installed, "100")
    told = fix(installed)
    assert (told.code, told.changed) == (75, ())
    assert told.why.startswith(("the clock is 99.9", "the clock is 100.0"))
    assert told.why.endswith("allow step to set it at once")
    told = fix(installed, step="yes")
    assert (told.code, told.changed) == (75, ())
    assert "this is a container" in told.why
    assert installed.ends("systemctl is-active chrony") != 0, "a start would have set it"


@pytest.mark.parametrize("stratum", ["16", "0"])
def test_a_server_that_knows_no_time_itself_and_one_that_is_silent_do_not_count(
    installed: Practice, stratum: str
) -> None:
    serve(installed, "0", stratum)
    assert "127.0.0.1 silent" in installed.run("fix-time", "preview.sh").output
    told = fix(installed)
    assert (told.code, told.changed) == (75, ())
    assert told.why.startswith("no time server answers: 127.0.0.1 1123")


def test_a_service_whose_servers_say_otherwise_is_not_believed(installed: Practice) -> None:
    serve(installed, "0")
    assert fix(installed).code == 0
    installed.root("systemctl stop time-server")
    installed.root("systemd-run -q --collect --unit=time-server perl /root/time.pl -100 2")
    installed.root("until ss -Hlun 'sport = :1123' | grep -q .; do sleep 0.05; done")
    told = verify(installed)
    assert told.code == 1
    assert (
        "its servers say that the clock is -100.0" in told.why or "its servers say that the clock is -99.9" in told.why
    )


def test_a_host_without_a_time_service_says_so(db1: Practice) -> None:
    assert (fix(db1).code, fix(db1).why) == (75, "this host has no time service: install chrony")

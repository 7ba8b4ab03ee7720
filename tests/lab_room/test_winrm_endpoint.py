"""The endpoint against unmodified pywinrm: a second opinion on what it says, and on what it does not let pass."""

import pytest
import requests
import winrm
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError, WSManFaultError

from msp_ops.engine.system_clock import SystemClock
from msp_ops.lab.winrm.certificate import write_certificate
from msp_ops.lab.winrm.endpoint import Ways, WinRmEndpoint
from msp_ops.lab.winrm.mishaps import Mishap
from msp_ops.lab.winrm.shells import Quotas
from tests.transports.conformance import until

pytestmark = pytest.mark.wire
USERS = {"ops": "pass:word", "ACME\\svc": "second"}


def says_its_line(command):
    command.write(f"ran {command.line}".encode())
    command.write(b"careful", "stderr")
    return 3


def says_what_it_was_given(command):
    given = command.read_input()
    command.write(given or b"ended")
    return 0


def session(endpoint, user="ops", password=USERS["ops"], **more):
    scheme = "https" if endpoint.doors.tls else "http"
    more = {"transport": "ntlm", "ca_trust_path": None, "proxy": None, **more}
    return winrm.Session(f"{scheme}://127.0.0.1:{endpoint.port}/wsman", auth=(user, password), **more)


def protocol(endpoint, **more):
    return session(endpoint, message_encryption="always", **more).protocol


@pytest.fixture
def certificate(tmp_path):
    return write_certificate(tmp_path, SystemClock())


@pytest.mark.parametrize("schemes", [("negotiate",), ("ntlm",), ("negotiate", "ntlm", "basic")], ids=str)
@pytest.mark.parametrize(("user", "password"), USERS.items(), ids=list(USERS))
def test_ntlm_with_message_encryption_over_plain_http(schemes, user, password):
    with WinRmEndpoint(says_its_line, USERS, Ways(schemes=schemes)) as endpoint:
        done = session(endpoint, user, password, message_encryption="always").run_cmd("ver")
        assert (done.status_code, done.std_out, done.std_err) == (3, b"ran ver", b"careful")
        assert endpoint.shells.open == {}
        assert endpoint.counters["in the clear"] == 0


def test_without_message_encryption_nothing_is_carried_out():
    with WinRmEndpoint(says_its_line, USERS) as endpoint:
        with pytest.raises(WinRMTransportError):
            session(endpoint, message_encryption="never").run_cmd("ver")
        assert endpoint.counters["in the clear"] == 1
        assert endpoint.counters["Create"] == 0


def test_a_wrong_password_is_counted_once_for_each_time_it_was_shown():
    with WinRmEndpoint(says_its_line, USERS) as endpoint:
        for user, password in (("ops", "wrong"), ("nobody", "wrong")):
            with pytest.raises(InvalidCredentialsError):
                session(endpoint, user, password, message_encryption="always").run_cmd("ver")
        assert endpoint.counters["refused"] == 2


@pytest.mark.parametrize("transport", ["ntlm", "basic"])
def test_https_with_its_own_certificate(certificate, transport):
    scheme = "negotiate" if transport == "ntlm" else "basic"
    with WinRmEndpoint(says_its_line, USERS, Ways(certificate=certificate, schemes=(scheme,))) as endpoint:
        trusted = session(endpoint, transport=transport, ca_trust_path=str(certificate.file))
        assert trusted.run_cmd("ver").status_code == 3
        with pytest.raises(requests.exceptions.SSLError):
            session(endpoint, transport=transport, ca_trust_path=None).run_cmd("ver")


def test_a_login_that_is_not_bound_to_the_channel_is_refused(certificate):
    with WinRmEndpoint(says_its_line, USERS, Ways(certificate=certificate)) as endpoint:
        with pytest.raises(InvalidCredentialsError):
            session(endpoint, ca_trust_path=str(certificate.file), send_cbt=False).run_cmd("ver")
        assert endpoint.counters["refused"] == 1


def test_after_an_idle_connection_was_closed_pywinrm_alone_gets_400_for_ever():
    with WinRmEndpoint(says_its_line, USERS, Ways(idle_connection=0.2)) as endpoint:
        wire = protocol(endpoint)
        shell = wire.open_shell()
        until(lambda: not endpoint._server._open)
        for _ in range(2):
            with pytest.raises(WinRMTransportError) as caught:
                wire.run_command(shell, "ver")
            assert caught.value.code == 400
        wire.transport.close_session()
        assert wire.get_command_output(shell, wire.run_command(shell, "ver"))[2] == 3  # the shell is still there


def test_the_quota_of_shells_is_told_as_windows_tells_it():
    with WinRmEndpoint(says_its_line, USERS, quotas=Quotas(shells=1)) as endpoint:
        wire = protocol(endpoint)
        wire.open_shell()
        with pytest.raises(WSManFaultError) as caught:
            wire.open_shell()
        assert (caught.value.wmierror_code, caught.value.fault_subcode) == (2150859173, "w:QuotaLimit")


def test_operations_are_never_given_back():
    with WinRmEndpoint(says_its_line, USERS, quotas=Quotas(operations=2)) as endpoint:
        wire = protocol(endpoint)
        shell = wire.open_shell()
        for _ in range(2):
            wire.cleanup_command(shell, wire.run_command(shell, "ver"))
        with pytest.raises(WSManFaultError) as caught:
            wire.run_command(shell, "ver")
        assert caught.value.wmierror_code == 2150859174
        assert wire.run_command(wire.open_shell(), "ver")


def test_a_restart_leaves_no_shell_and_no_connection():
    with WinRmEndpoint(says_its_line, USERS) as endpoint:
        wire = protocol(endpoint)
        shell = wire.open_shell()
        endpoint.restart()
        wire.transport.close_session()
        with pytest.raises(WSManFaultError) as caught:
            wire.run_command(shell, "ver")
        assert caught.value.wsman_fault_code == 2150858843


def test_a_shell_that_nobody_uses_goes_by_itself():
    with WinRmEndpoint(says_its_line, USERS) as endpoint:
        wire = protocol(endpoint)
        wire.open_shell(idle_timeout="PT0S")
        wire.open_shell()
        assert len(endpoint.shells.open) == 1


def test_what_cmd_and_windows_take_as_a_line_has_an_end():
    with WinRmEndpoint(says_its_line, USERS) as endpoint:
        wire = protocol(endpoint)
        shell = wire.open_shell()
        said = wire.get_command_output(shell, wire.run_command(shell, "x" * 8192))
        assert said == (b"", b"The command line is too long.\r\n", 1)
        with pytest.raises(WSManFaultError) as caught:
            wire.run_command(shell, "x" * 32768, skip_cmd_shell=True)
        assert caught.value.wsman_fault_code == 2147942606


def test_input_arrives_in_pieces_and_ends_once():
    with WinRmEndpoint(says_what_it_was_given, USERS) as endpoint:
        wire = protocol(endpoint)
        shell = wire.open_shell()
        command = wire.run_command(shell, "x")
        wire.send_command_input(shell, command, b"one, ")
        wire.send_command_input(shell, command, b"two", end=True)
        wire.send_command_input(shell, command, b", three", end=True)
        assert wire.get_command_output(shell, command) == (b"one, two", b"", 0)


def test_a_command_that_never_ends_is_ended_by_a_signal():
    with WinRmEndpoint(says_what_it_was_given, USERS) as endpoint:
        wire = protocol(endpoint)
        shell = wire.open_shell()
        command = wire.run_command(shell, "x")
        (running,) = endpoint.shells.open[shell].commands.values()
        wire.cleanup_command(shell, command)
        assert running.cancelled.is_set()


@pytest.mark.parametrize("what", ["drop", "drop after", "plain", "cut", 503])
def test_each_mishap_happens_once_and_an_answer_that_is_lost_was_carried_out(what):
    with WinRmEndpoint(says_its_line, USERS) as endpoint:
        wire = protocol(endpoint)
        endpoint.mishaps.add(Mishap("Create", what))
        if what == "plain":
            wire.open_shell()  # pywinrm takes an answer that was not encrypted: our transport must not
        else:
            with pytest.raises((requests.exceptions.RequestException, WinRMTransportError, ValueError)):
                wire.open_shell()
        assert len(endpoint.shells.open) == (0 if what in {"drop", 503} else 1)
        wire.transport.close_session()
        assert wire.open_shell()


def test_only_who_may_have_a_shell_gets_one():
    with WinRmEndpoint(says_its_line, USERS, Ways(admins={"ACME\\svc"})) as endpoint:
        with pytest.raises(WSManFaultError, match="Access is denied"):
            protocol(endpoint).open_shell()
        assert endpoint.counters["login"] == 1

"""The SSH wire against a real sshd on loopback."""

import getpass
import os
import re
import select
import socket
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import paramiko
import pytest

from msp_ops.domain.client import Credential, Gateway
from msp_ops.domain.errors import FileError, LinkLost, NotReached
from msp_ops.secrets.references import resolver
from msp_ops.transports.base import Limits, Target
from msp_ops.transports.ssh.link import EagerSocket
from msp_ops.transports.ssh.login import Keyring
from msp_ops.transports.ssh.transport import SshTransport, _told_as_not_reached
from tests.transports.breaker import MemoryBreaker
from tests.transports.conformance import *  # noqa: F403  # the suite that every wire passes
from tests.transports.sshd import sshd

pytestmark = pytest.mark.wire
QUICK = Limits(connect=timedelta(seconds=3), banner=timedelta(seconds=1), silence=timedelta(seconds=4))


def transport(limits=QUICK):
    return SshTransport(Keyring(Path("/"), resolver(Path("/"), os.environ)), limits)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def session(server):
    with transport(Limits()).connect(server.target()) as session:
        yield session


def refusal(target, wire=None):
    with pytest.raises(NotReached) as caught:
        (wire or transport()).connect(target)
    return caught.value


def test_a_host_without_a_pin_is_not_reached_and_the_next_command_is_named(server):
    assert "msp-ops hosts trust acme/here" in str(refusal(server.target(host_keys=())))


def test_a_changed_host_key_is_refused_before_any_login(server, tmp_path):
    with sshd(tmp_path) as other:
        assert "another host key" in str(refusal(server.target(host_keys=(other.pin,))))


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_the_pinned_key_type_is_the_one_asked_for(tmp_path, kind):
    with sshd(tmp_path, kind) as server, transport().connect(server.target()) as session:
        assert session.ask(b"echo ok\n", "login", BRIEF).output == b"ok\n"  # noqa: F405


def test_a_refused_login_says_so_and_is_marked(server, tmp_path):
    (tmp_path / "authorized").touch()
    with sshd(tmp_path) as stranger:
        target = server.target()
        credential = Credential(user=target.credential.user, key=f"file:{stranger.user_key}")
        error = refusal(Target(who="acme/here", host=target.host, credential=credential))
    assert error.credential_refused
    assert "was not tried again" in str(error)


def test_only_what_may_pass_by_itself_is_worth_another_try(server, tmp_path):
    with sshd(tmp_path) as other, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        stranger = Credential(user=getpass.getuser(), key=f"file:{other.user_key}")
        refused = Target(who="acme/here", host=server.target().host, credential=stranger)
        final = {
            "no pin": server.target(host_keys=()),
            "another key": server.target(host_keys=(other.pin,)),
            "no such name": server.target(address="no-such-host.invalid"),
            "refused login": refused,
        }
        assert {name for name, target in final.items() if refusal(target).again} <= {"no such name"}
        assert refusal(server.target(port=closed.getsockname()[1])).again


def test_a_banner_that_is_dropped_is_worth_another_try(server):
    with socket.create_server(("127.0.0.1", 0)) as full:

        def drop():
            peer, _ = full.accept()
            peer.close()

        threading.Thread(target=drop, daemon=True).start()
        assert refusal(server.target(port=full.getsockname()[1])).again


def test_a_name_that_nobody_knows_is_not_asked_again_and_one_that_could_not_be_asked_is():
    for code, again in ((socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)):
        with pytest.raises(NotReached) as caught, _told_as_not_reached("acme/here", "here:22"):
            raise socket.gaierror(code, "x")
        assert caught.value.again is again


def test_a_private_key_that_others_can_read_is_refused(server, tmp_path):
    key = tmp_path / "open"
    key.write_text(server.user_key.read_text())
    key.chmod(0o644)
    credential = Credential(user="x", key=f"file:{key}")
    with pytest.raises(FileError, match="chmod 600"):
        transport().connect(Target(who="acme/here", host=server.target().host, credential=credential))


def test_a_closed_port_is_told_as_not_reached(server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert "cannot be reached" in str(refusal(server.target(port=free.getsockname()[1])))


def test_a_host_that_accepts_and_never_speaks_ends_in_time(server):
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        assert "SSH" in str(refusal(server.target(port=mute.getsockname()[1])))


def test_a_host_that_only_says_its_name_ends_in_time_and_costs_no_thread_for_a_timer(server):
    timers = []
    with socket.create_server(("127.0.0.1", 0)) as slow:

        def say_a_name():
            with slow.accept()[0] as peer:
                peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
                while peer.recv(4096):
                    timers.extend(each for each in threading.enumerate() if isinstance(each, threading.Timer))

        threading.Thread(target=say_a_name, daemon=True).start()
        impatient = transport(Limits(banner=timedelta(seconds=1), login=timedelta(seconds=1)))
        assert "SSH" in str(refusal(server.target(port=slow.getsockname()[1]), impatient))
    assert timers == []


def test_a_gateway_leads_to_the_host(server, tmp_path):
    with sshd(tmp_path) as behind:
        target = behind.target()
        gateway = Gateway(address="127.0.0.1", port=server.port, credential="default", host_keys=(server.pin,))
        credential = server.target().credential
        through = Target(
            who="acme/here",
            host=target.host,
            credential=target.credential,
            gateway=gateway,
            gateway_credential=credential,
        )
        with transport().connect(through) as session:
            assert session.ask(b"echo behind\n", "login", BRIEF).output == b"behind\n"  # noqa: F405


class CutWire:
    """A TCP relay that can fall silent without closing anything: a cable that was pulled."""

    def __init__(self, port):
        self._port = port
        self._cut = threading.Event()
        self._ends = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        self._cut.set()

    def _accept(self):
        near, _ = self._listener.accept()
        self._ends.append(near)
        far = socket.create_connection(("127.0.0.1", self._port))
        self._ends.append(far)
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self._relay, args=(source, sink), daemon=True).start()

    def _relay(self, source, sink):
        with suppress(OSError):
            while chunk := source.recv(65536):
                if not self._cut.is_set():
                    sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)

    def close(self):
        for end in (self._listener, *self._ends):
            end.close()


def test_a_silent_link_is_noticed_although_the_kernel_sees_nothing(server):
    wire = CutWire(server.port)
    with transport().connect(server.target(port=wire.port)) as session:
        assert session.ask(b"sleep 5; echo alive\n", "login", BRIEF).output == b"alive\n"  # noqa: F405
        threading.Timer(1, wire.cut).start()
        with pytest.raises(LinkLost, match="not a sign of life"):
            session.ask(b"sleep 19\n", "login", BRIEF)  # noqa: F405
        with pytest.raises(LinkLost, match="broke"):
            session.ask(b"echo lost\n", "login", BRIEF)  # noqa: F405
    wire.close()


def test_a_payload_that_was_cut_short_never_runs(server, tmp_path):
    """The loader counts and hashes before it runs: the first half of `rm -r /x/a-old` is `rm -r /x/a`."""
    from msp_ops.transports.onhost import LOADER  # noqa: PLC0415

    script = f"touch {tmp_path}/half\ntouch {tmp_path}/whole\n".encode()
    with transport().connect(server.target()) as session:
        for sent in (script[: len(script) // 2], b"x" * len(script)):
            channel: paramiko.Channel = session._links[-1].open_session()
            channel.exec_command(f"sh -c '{LOADER}' msp-ops tag {len(script)} {'0' * 64}")
            channel.sendall(b"abc\n" + sent)
            channel.shutdown_write()
            assert b"short" in channel.makefile().read()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shell", ["dash", "bash", "fish", "csh"])
def test_the_command_line_means_the_same_in_every_login_shell(shell):
    import shutil  # noqa: PLC0415
    import subprocess  # noqa: PLC0415
    from hashlib import sha256  # noqa: PLC0415

    from msp_ops.transports.onhost import LOADER  # noqa: PLC0415

    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed here; dash and bash always are")
    script = b"echo $((6 * 7))\n"
    command = f"exec sh -c '{LOADER}' msp-ops tag {len(script)} {sha256(script).hexdigest()}"
    done = subprocess.run([shell, "-c", command], input=b"abc\n" + script, capture_output=True, check=False)
    assert b"\x1eabc begin\x1e42\n\x1eabc end 0\x1e" in done.stdout


def test_no_command_line_on_the_host_knows_the_nonce(server):
    look = b"sleep 0.2; cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '\n"
    with transport().connect(server.target()) as session:
        conversation = session._conversation(look, "login", BRIEF)  # noqa: F405
        shown = b"".join(conversation.chunks())
    assert conversation.frames.tag.encode() in shown
    assert conversation.frames.nonce.encode() not in shown


STRANGERS = {
    "a disconnect in no text": b"SSH-2.0-x\r\n" + bytes.fromhex("0000000c0a0100000001000000ffff0000000000"),
    "a key exchange of rubbish": b"SSH-2.0-x\r\n" + bytes.fromhex("0000001404140000ffffffff000000000000000000000000"),
    "padding longer than the packet": b"SSH-2.0-x\r\n" + bytes.fromhex("00000008ff14000000000000"),
    "no SSH at all": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "an escape sequence as its name": b"SSH-9\x1b]0;pwned\x07-x\r\n",
}


@pytest.mark.parametrize("bytes_sent", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_who_speaks_rubbish_is_not_reached_and_nothing_more(server, bytes_sent):
    with socket.create_server(("127.0.0.1", 0)) as stranger:

        def answer():
            peer, _ = stranger.accept()
            with peer, suppress(OSError):
                peer.sendall(bytes_sent)
                peer.recv(65536)
                peer.shutdown(socket.SHUT_WR)

        threading.Thread(target=answer, daemon=True).start()
        refusal(server.target(port=stranger.getsockname()[1]))


def wire_with(breaker):
    """As another process has it: nothing is shared but the breaker."""
    return SshTransport(Keyring(Path("/"), resolver(Path("/"), os.environ), breaker), QUICK)


def test_a_shared_password_that_one_host_refused_is_tried_nowhere_else(monkeypatch, server):
    monkeypatch.setenv("TEST_PASSWORD", "wrong-password")
    credential = Credential(user="nobody-here", password="env:TEST_PASSWORD")
    wire = transport()
    said = []
    for name in ("acme/one", "acme/two"):
        with pytest.raises(NotReached) as caught:
            wire.connect(Target(who=name, host=server.target().host, credential=credential))
        said.append(str(caught.value))
    assert "refused the login" in said[0]
    assert said[1].startswith("acme/two was not tried: acme/one refused the same password")


def test_forty_processes_show_a_wrong_password_twice(monkeypatch, server):
    monkeypatch.setenv("TEST_PASSWORD", "wrong-password")
    credential = Credential(user="nobody-here", password="env:TEST_PASSWORD")
    breaker = MemoryBreaker()
    for number in range(40):
        target = Target(who=f"acme/h{number}", host=server.target().host, credential=credential)
        error = refusal(target, wire_with(breaker))
        assert error.credential_refused
    assert [who for _, who in breaker.refusals] == ["acme/h0", "acme/h1"]
    assert str(error) == "acme/h39 was not tried: acme/h0 and acme/h1 refused it"
    other = Target(who="borealis/h1", host=server.target().host, credential=credential)
    assert "refused the login" in str(refusal(other, wire_with(breaker)))
    assert ".." not in str(refusal(other, wire_with(MemoryBreaker())))
    assert "wrong-password" not in str(breaker.refusals)


def test_a_key_that_one_host_lacks_is_still_shown_to_the_others(server, tmp_path):
    with sshd(tmp_path) as stranger:
        credential = Credential(user=getpass.getuser(), key=f"file:{stranger.user_key}")
    breaker = MemoryBreaker()
    said = [
        str(refusal(Target(who=who, host=server.target().host, credential=credential), wire_with(breaker)))
        for who in ("acme/one", "acme/one", "acme/one", "acme/two")
    ]
    assert [who for _, who in breaker.refusals] == ["acme/one", "acme/one", "acme/two"]
    assert said[2].startswith("acme/one was not tried")


def test_no_connection_reads_known_hosts(server):
    """paramiko's own reading of a thousand lines for every connection is a hundred times dearer than the login."""
    opened, watching = [], [True]
    sys.addaudithook(lambda event, told: event == "open" and watching and opened.append(str(told[0])))
    with transport().connect(server.target()):
        watching.clear()
    assert str(server.user_key) in opened
    assert [path for path in opened if "known_hosts" in path] == []


def switches(native_id):
    """How often a thread gave up the processor to wait."""
    status = Path(f"/proc/self/task/{native_id}/status").read_text()
    return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.MULTILINE)[1])


def test_a_waiting_link_does_not_wake_ten_times_a_second(server):
    with transport().connect(server.target()) as session:
        link = session._links[-1]
        assert link.sock.gettimeout() >= 10
        woken = switches(link.native_id)
        assert session.ask(b"sleep 2; echo ok\n", "login", BRIEF).output == b"ok\n"  # noqa: F405
        assert switches(link.native_id) - woken < 15
        ended_at = time.monotonic()
    assert time.monotonic() - ended_at < 1


def test_the_cheap_cipher_comes_first(server):
    with transport().connect(server.target()) as session:
        assert session._links[-1].remote_cipher == "aes128-gcm@openssh.com"
        assert session._links[-1].local_cipher == "aes128-gcm@openssh.com"


def test_what_has_come_is_taken_from_the_kernel_at_once(server):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    ours.settimeout(0.1)
    with EagerSocket(ours) as eager, theirs:
        theirs.sendall(b"header, body")
        assert eager.recv(6) == b"header"
        assert select.select([eager], [], [], 0)[0] == []  # nothing is left there
        assert (eager.recv(2), eager.recv(99)) == (b", ", b"body")
        with pytest.raises(TimeoutError):
            eager.recv(1)
        theirs.close()
        assert eager.recv(1) == b""
    with transport().connect(server.target()) as session:
        assert isinstance(session._links[-1].sock, EagerSocket)


class AskedOfTheKernel(EagerSocket):
    def setsockopt(self, *asked):
        self.asked = [*getattr(self, "asked", []), asked]
        super().setsockopt(*asked)


def test_nobody_waits_for_acknowledgements_that_are_put_off(server):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    with AskedOfTheKernel(ours) as eager, theirs:
        theirs.sendall(b"ab")
        assert eager.recv(1) + eager.recv(1) == b"ab"
        assert eager.asked == [(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)]
    with transport().connect(server.target()) as session:
        assert session._links[-1].sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_no_verb_takes_more_than_one_round_trip(server):
    with transport().connect(server.target()) as session:
        link = session._links[-1]
        before = link._channel_counter
        what, _ = carry_out(session, "true\n")  # noqa: F405
        session.collect(what)
        session.withdraw(what)
        session.cancel(what)
        session.forget(what)
        assert link._channel_counter - before == 7  # deliver, commit, follow and these four

"""Mail through a real SMTP server on loopback, with a fault at each verb."""

import ssl
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from msp_ops.domain.msp import Mail
from msp_ops.domain.outbox import BUSY_FOR, GIVE_UP_AFTER
from msp_ops.journeys.outbox import send_due
from msp_ops.journeys.outbox_mail import letter, mail_sender
from tests.outside.authority import Authority

pytestmark = pytest.mark.wire
PASSWORD = "pa55w0rd-of-the-mail-9c"
TEXT = "Two hosts were patched.\n.hidden\n..\nGrüße\n" + "x" * 2000 + "\n"


class Handler:
    """`faults` by verb: words to answer, or `vanish`; each is spent once. `keep` loses the answer to DATA only."""

    def __init__(self):
        self.faults, self.kept, self.tried = {}, [], []

    def said(self, server, verb):
        self.tried.append(verb)
        fault = self.faults.pop(verb, None)
        if fault == "vanish":
            server.transport.abort()
        return fault

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802  # as the library calls it
        session.host_name = hostname
        fault = self.said(server, "EHLO")
        return [fault] if fault else responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802  # as the library calls it
        envelope.mail_from = address
        return self.said(server, "MAIL") or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  # as the library calls it
        envelope.rcpt_tos.append(address)
        return self.said(server, "RCPT") or "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # as the library calls it
        fault = self.faults.pop("DATA", None)
        if fault != "vanish" and (fault is None or fault == "keep"):
            self.kept.append((session.ssl is not None, envelope.rcpt_tos, envelope.content))
        if fault in {"vanish", "keep"}:
            server.transport.abort()
        return fault or "250 queued"


class SaysNo(SMTP):
    async def smtp_STARTTLS(self, arg):  # noqa: N802  # as the library calls it
        await self.push("454 not today")


class Server(Controller):
    """Of one thread, with TLS on demand when there is a certificate."""

    def __init__(self, handler, program=SMTP, **more):
        self.program, self.more = program, more
        super().__init__(handler, hostname="127.0.0.1", port=0, ready_timeout=20)

    def factory(self):
        return self.program(self.handler, hostname="mail.example", **self.more)

    def _trigger_server(self):
        """The base would knock at port 0; the real one is known once it listens."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def start():
    """Starts a server and says how mail is sent through it."""
    servers = []

    def _start(handler, **more):
        servers.append(Server(handler, **more))
        servers[-1].start()
        return Mail(server="127.0.0.1", port=servers[-1].port, sender="desk@northwind.example", tls="none")

    yield _start
    for each in servers:
        each.stop()


@pytest.fixture
def handler():
    return Handler()


def queue(store, clock, to="anna@acme.example", subject="November", text=TEXT):
    message = letter(f"acme/2026-11/{to}", to, subject, text, clock)
    store.outbox.queue([message], "kim")
    return message.id


def send(store, mail, **more):
    sender = mail_sender(mail, {"env:SMTP": PASSWORD}.__getitem__, **more)
    return [each.state for each in send_due(store, {"mail": sender})]


def test_a_mail_arrives_as_it_was_written_and_the_same_bytes_each_time(store, clock, start, handler):
    mail = start(handler)
    message_id = queue(store, clock, subject="Grüße: November")
    handler.faults = {"DATA": "keep"}
    assert send(store, mail) == ["unknown"]
    clock.pass_time(BUSY_FOR)
    assert send(store, mail) == ["sent"]
    (_, to, first), (_, _, second) = handler.kept
    assert (to, first) == (["anna@acme.example"], second)
    arrived = message_from_bytes(first, policy=default)
    assert arrived["Subject"] == "Grüße: November"
    assert arrived["Message-ID"] == store.outbox.read(message_id).there
    assert arrived.get_content().replace("\r\n", "\n") == TEXT
    assert max(len(line) for line in first.splitlines()) < 1000
    assert first.isascii()


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (("EHLO", "vanish"), "waiting"),
        (("MAIL", "451 later"), "waiting"),
        (("MAIL", "550 not you"), "refused"),
        (("MAIL", "vanish"), "waiting"),
        (("RCPT", "450 greylisted"), "waiting"),
        (("RCPT", "550 no such user"), "refused"),
        (("RCPT", "vanish"), "waiting"),
        (("DATA", "452 no space"), "waiting"),
        (("DATA", "554 no"), "refused"),
        (("DATA", "vanish"), "unknown"),
        (("DATA", "keep"), "unknown"),
    ],
)
def test_a_fault_at_a_verb_is_what_it_means_and_nothing_is_lost(store, clock, start, handler, fault, state):
    verb, fault = fault
    mail = start(handler)
    message_id = queue(store, clock)
    handler.faults = {verb: fault}
    assert send(store, mail) == [state]
    if state == "refused":
        assert fault[:3] in store.outbox.read(message_id).last_said
        store.outbox.retry(message_id, "kim")
    clock.pass_time(BUSY_FOR)
    assert send(store, mail) == ["sent"]
    assert len(handler.kept) == (2 if fault == "keep" else 1), "a copy only after a lost answer to DATA"
    assert len({message_from_bytes(content)["Message-ID"] for _, _, content in handler.kept}) == 1


def test_a_second_lost_answer_is_for_a_person_so_there_is_never_a_third_copy(store, clock, start, handler):
    mail = start(handler)
    message_id = queue(store, clock)
    for _ in range(2):
        handler.faults = {"DATA": "keep"}
        assert send(store, mail) == ["unknown"]
        clock.pass_time(timedelta(hours=1))
    assert store.outbox.read(message_id).is_dead(clock.now())
    clock.pass_time(GIVE_UP_AFTER)
    assert send(store, mail) == []
    assert len(handler.kept) == 2
    store.outbox.retry(message_id, "kim")
    clock.pass_time(BUSY_FOR)
    assert send(store, mail) == ["sent"]


def test_a_server_that_is_down_for_a_day_gets_everything_when_it_is_back(store, clock, start, handler):
    for number in range(5):
        queue(store, clock, f"person{number}@acme.example")
    down = Mail(server="127.0.0.1", port=9, sender="desk@northwind.example", tls="none")
    for _ in range(24):
        assert set(send(store, down)) <= {"waiting"}
        clock.pass_time(timedelta(hours=1))
    mail = start(handler)
    for _ in range(7):
        send(store, mail)
        clock.pass_time(timedelta(hours=1))
    assert sorted(to for _, (to,), _ in handler.kept) == [f"person{number}@acme.example" for number in range(5)]


@pytest.fixture
def tls(tmp_path):
    """A certificate for this machine, and who trusts it."""
    authority = Authority(tmp_path)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(authority.issue("mail.pem", "127.0.0.1"))
    return ours, lambda: ssl.create_default_context(cafile=str(authority.path))


def logins(seen):
    def check(server, session, envelope, mechanism, data):
        seen.append((session.ssl is not None, data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)

    return check


def test_the_login_goes_over_tls_and_the_password_into_no_store(store, clock, start, handler, tls, tmp_path):
    seen, (context, trust) = [], tls
    plain = start(handler, tls_context=context, require_starttls=True, authenticator=logins(seen), auth_required=True)
    mail = replace(plain, tls="starttls", user="desk", password="env:SMTP")
    queue(store, clock)
    assert send(store, mail, trust=trust) == ["sent"]
    assert seen == [(True, "desk", PASSWORD)]
    assert handler.kept[0][0]
    for path in tmp_path.glob("store.db*"):
        assert PASSWORD.encode() not in path.read_bytes()


def test_a_certificate_that_nobody_here_trusts_gets_no_password(store, clock, start, handler, tls):
    seen, (context, _) = [], tls
    plain = start(handler, tls_context=context, authenticator=logins(seen), auth_required=True)
    queue(store, clock)
    assert send(store, replace(plain, tls="starttls", user="desk", password="env:SMTP")) == ["waiting"]
    assert "certificate verify failed" in store.outbox.list()[0].last_said
    assert (seen, handler.kept) == ([], [])


def test_a_server_without_tls_gets_neither_password_nor_mail(store, clock, start, handler, tls):
    plain = start(handler)
    queue(store, clock)
    assert send(store, replace(plain, tls="starttls", user="desk", password="env:SMTP"), trust=tls[1]) == ["waiting"]
    assert "STARTTLS extension not supported" in store.outbox.list()[0].last_said
    assert handler.tried == ["EHLO"]


def test_a_server_that_offers_tls_and_then_says_no_gets_nothing_in_the_clear(store, clock, start, handler, tls):
    context, trust = tls
    plain = start(handler, program=SaysNo, tls_context=context, auth_require_tls=False)
    queue(store, clock)
    assert send(store, replace(plain, tls="starttls", user="desk", password="env:SMTP"), trust=trust) == ["waiting"]
    assert "454, b'not today'" in store.outbox.list()[0].last_said
    assert handler.tried == ["EHLO"]


def test_a_refused_login_sends_nothing_and_is_told_without_the_password(store, clock, start, handler, tls):
    context, trust = tls
    plain = start(
        handler,
        tls_context=context,
        authenticator=lambda *_: AuthResult(success=False, handled=False),
        auth_required=True,
    )
    queue(store, clock)
    assert send(store, replace(plain, tls="starttls", user="desk", password="env:SMTP"), trust=trust) == ["waiting"]
    said = store.outbox.list()[0].last_said
    assert "SMTPAuthenticationError" in said
    assert PASSWORD not in said
    assert handler.kept == []


@pytest.mark.parametrize(
    ("mail", "said"),
    [
        (None, "msp.yaml does not say through which server mail goes"),
        (Mail(server="mail.example", sender="a@b.example", tls="none"), "without TLS would be read by others"),
        (Mail(server="mail.example", sender="a@b.example", user="a"), "has one of user and password"),
    ],
)
def test_settings_that_cannot_be_used_are_told_and_the_mail_waits(store, clock, mail, said):
    queue(store, clock)
    assert send(store, mail) == ["waiting"]
    assert said in store.outbox.list()[0].last_said


@pytest.mark.parametrize(
    "wrong", [{"to": "anna"}, {"to": "a@b>\r\nRCPT TO:<c@d"}, {"subject": "x\r\nBcc: c@d.example"}]
)
def test_what_would_forge_a_header_or_a_recipient_is_refused(store, clock, start, handler, wrong):
    mail = start(handler)
    queue(store, clock, **wrong)
    assert send(store, mail) == ["refused"]
    assert "it cannot be written as a mail" in store.outbox.list()[0].last_said
    assert handler.tried == []

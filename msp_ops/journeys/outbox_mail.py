"""Mail from the outbox: one message a recipient, over TLS, and a second copy only after a lost answer to DATA."""

import json
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP as BY_MAIL
from hashlib import sha256
from smtplib import SMTP, SMTP_SSL, SMTPException
from threading import Timer

from msp_ops.domain.api_address import is_this_machine
from msp_ops.domain.clock import Clock
from msp_ops.domain.errors import PlanError
from msp_ops.domain.msp import Mail
from msp_ops.domain.outbox import Ending, Held, Message, Sender
from msp_ops.domain.record import record
from msp_ops.secrets.redact import redactor
from msp_ops.secrets.references import Resolve

SECONDS = 30.0  # for each answer; all of a message may take four times as long
CLIP = 300
AS_SENT = BY_MAIL.clone(cte_type="7bit")  # no server has to be asked what it takes
_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")  # visible ASCII without < and >
_LINE_THAT_ENDS = re.compile(rb"^\.", re.MULTILINE)


@record
class _Letter:
    """As it goes over the wire, before dots are doubled; `content` ends with a line break."""

    id: str
    to: str
    content: bytes


class _Said(Exception):  # noqa: N818  # reads as what it is
    """The server's answer is a no: for now (4xx) or for good (5xx)."""

    def __init__(self, verb: str, code: int, words: bytes) -> None:
        super().__init__(f"to {verb} it said {code} {words.decode(errors='replace')}")
        self.is_final = 500 <= code < 600


def letter(message_id: str, to: str, subject: str, text: str, clock: Clock) -> Message:
    """A mail of plain text; its Message-ID is made of `message_id`, so a second copy is known for what it is."""
    body = {"to": to, "subject": subject, "text": text, "date": f"{clock.now():%a, %d %b %Y %H:%M:%S +0000}"}
    return Message(
        id=f"mail/{message_id}",
        kind="mail",
        target="mail",
        client_id=None,
        about=f"to {to}: {subject}",
        body=json.dumps(body, sort_keys=True),
    )


def mail_sender(
    mail: Mail | None, resolve: Resolve, trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
) -> Sender:
    """By the settings of `msp.yaml`. FileError, PlanError at sending."""

    def send(message: Message, held: Held) -> Ending:
        if mail is None:
            raise PlanError("msp.yaml does not say through which server mail goes: add mail:; docs/outbox.md shows how")
        if mail.tls == "none" and not is_this_machine(mail.server):
            raise PlanError(
                f"mail through {mail.server} without TLS would be read by others: write tls: starttls or tls"
            )
        if bool(mail.user) != bool(mail.password):
            raise PlanError("mail in msp.yaml has one of user and password; write both, or none of them")
        password = resolve(mail.password) if mail.password else None
        redact = redactor([password] if password else [])
        try:
            letter = _composed(message, mail)
        except ValueError as error:
            return Ending(kind="refused", said=f"it cannot be written as a mail: {error}")
        ending = _deliver(letter, mail, password, trust, held)
        return replace(ending, said=redact(ending.said.encode(errors="replace")).decode(errors="replace"))

    return send


def _deliver(
    letter: _Letter, mail: Mail, password: str | None, trust: Callable[[], ssl.SSLContext], held: Held
) -> Ending:
    """Until the last line of DATA is on its way, nothing was sent; from then on only the server knows."""
    handed_over = False
    try:
        with _session(mail, trust) as server:
            if mail.user and password is not None:
                server.login(mail.user, password)
            _ask(server, "MAIL", f"FROM:<{mail.sender}>")
            _ask(server, "RCPT", f"TO:<{letter.to}>")
            _ask(server, "DATA", "", wanted=3)
            if not held():
                return Ending(kind="not-sent", said="this process was held up, and others took the mail over")
            handed_over = True
            server.send(_LINE_THAT_ENDS.sub(b"..", letter.content) + b".\r\n")
            _judge("the mail itself", *server.getreply())
    except _Said as said:
        return Ending(kind="refused" if said.is_final else "not-sent", said=str(said))
    except (OSError, SMTPException, UnicodeError) as error:
        why = f"{type(error).__name__}: {error}"
        return Ending(kind="unknown" if handed_over else "not-sent", said=why[:CLIP])
    return Ending(kind="sent", there=letter.id)


@contextmanager
def _session(mail: Mail, trust: Callable[[], ssl.SSLContext]) -> Iterator[SMTP]:
    """Said hello to, over TLS or to this very machine. Whatever the goodbye meets does not count any more."""
    if mail.tls == "tls":
        server: SMTP = SMTP_SSL(mail.server, mail.port, timeout=SECONDS, context=trust())
    else:
        server = SMTP(mail.server, mail.port, timeout=SECONDS)
    timer = Timer(4 * SECONDS, _cut, [server])
    timer.daemon = True
    timer.start()
    try:
        if mail.tls == "starttls":
            server.starttls(context=trust())
        server.ehlo_or_helo_if_needed()
        yield server
    finally:
        timer.cancel()
        with suppress(OSError, SMTPException):
            server.quit()
        server.close()


def _cut(server: SMTP) -> None:
    wire = server.sock
    with suppress(OSError):  # it may have ended in this moment
        if wire is not None:
            wire.shutdown(socket.SHUT_RDWR)


def _ask(server: SMTP, verb: str, words: str, wanted: int = 2) -> None:
    _judge(verb, *server.docmd(verb, words), wanted=wanted)


def _judge(verb: str, code: int, words: bytes, *, wanted: int = 2) -> None:
    if code // 100 != wanted:
        raise _Said(verb, code, words[:CLIP])


def _composed(message: Message, mail: Mail) -> _Letter:
    """The same bytes each time. ValueError when a line break stands in a header, or the address is none."""
    said = json.loads(message.body)
    if not _ADDRESS.fullmatch(said["to"]):
        raise ValueError(f"'{said['to']}' is no address")
    letter = EmailMessage(policy=AS_SENT)
    letter["From"], letter["To"], letter["Subject"] = mail.sender, said["to"], said["subject"]
    letter["Date"] = said["date"]
    letter["Message-ID"] = f"<{sha256(message.id.encode()).hexdigest()[:40]}@{mail.sender.partition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(said["text"])
    return _Letter(id=letter["Message-ID"], to=said["to"], content=letter.as_bytes())

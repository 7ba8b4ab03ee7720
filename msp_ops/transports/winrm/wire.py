"""pywinrm's transport, with what it leaves open shut.

Of pywinrm 0.5.0: a handshake that failed leaves a session without encryption, and the next message would go out in the
clear; an answer without encryption is taken although the question was encrypted; a redirect is followed; the
environment's proxies and authorities are used; a refusal of the password is not told from a login that is not offered.
"""

import requests
from typing_extensions import override
from winrm.exceptions import WinRMTransportError
from winrm.transport import Transport

from msp_ops.transports.winrm.trouble import Kind, Trouble
from msp_ops.transports.winrm.way import Adapter, Way

_SEALED = "multipart/encrypted"
Timeouts = tuple[float, float]


class CarefulTransport(Transport):
    """Used by one thread. `sealed`: nothing leaves and nothing is believed without message encryption.

    `timeouts`: to connect, and between two pieces of an answer.
    """

    def __init__(self, way: Way, timeouts: Timeouts, *, sealed: bool, **settings: object) -> None:
        super().__init__(
            **settings,  # type: ignore[arg-type]  # handed on as they come
            ca_trust_path=None,  # type: ignore[arg-type]  # documented: no bundle of the environment's
            proxy=None,
            message_encryption="always" if sealed else "never",
        )
        self._way = way
        self._sealed = sealed
        self.timeouts = timeouts
        self.let_in = False  # whether the login was ever taken

    @override
    def build_session(self) -> requests.Session:
        if self.session:
            return self.session
        self.encryption = None
        try:
            session = super().build_session()
            if not self._sealed:
                self._tune(session)
        except BaseException:
            self.close_session()
            raise
        return session

    @override
    def setup_encryption(self, session: requests.Session) -> None:
        self._tune(session)
        super().setup_encryption(session)

    @override
    def send_message(self, message: str | bytes) -> bytes:
        self.build_session()
        if self._sealed and self.encryption is None:
            self.close_session()
            raise Trouble(Kind.LOST, "there is no message encryption; nothing was sent")
        return super().send_message(message)

    @override
    def close_session(self) -> None:
        """The next message makes a new connection and logs in again; the host's shells stay."""
        super().close_session()
        self.encryption = None

    def _tune(self, session: requests.Session) -> None:
        session.trust_env = False
        session.max_redirects = 0
        session.verify = not self._way.pins
        session.cert = None  # it is in the context
        adapter = Adapter(self._way)
        session.mount("https://", adapter)
        session.mount("http://", adapter)

    @override
    def _send_message_request(
        self, session: requests.Session, prepared_request: requests.PreparedRequest
    ) -> requests.Response:
        answer = session.send(prepared_request, timeout=self.timeouts)
        if answer.status_code == requests.codes.unauthorized:
            self._refused(answer)
        if answer.status_code == requests.codes.ok:
            self.let_in = True
        if answer.status_code >= requests.codes.bad_request:
            text = self._believed(answer) if answer.content else b""
            self.let_in = self.let_in or bool(text and self._sealed)
            raise WinRMTransportError("http", answer.status_code, text.decode("utf-8", "replace"))
        return answer

    @override
    def _get_message_response_text(self, response: requests.Response) -> bytes:
        if self._sealed and response.content and not self._is_sealed(response):
            raise Trouble(Kind.LOST, "its answer is not encrypted, so anybody may have written it")
        return bytes(super()._get_message_response_text(response))

    def _believed(self, answer: requests.Response) -> bytes:
        """Of an error without encryption only the number counts."""
        if self._sealed and not self._is_sealed(answer):
            return b""
        return self._get_message_response_text(answer)

    def _is_sealed(self, answer: requests.Response) -> bool:
        return self.encryption is not None and answer.headers.get("Content-Type", "").startswith(_SEALED)

    def _refused(self, answer: requests.Response) -> None:
        offered = ", ".join(sorted(_schemes(answer))) or "none"
        if "Authorization" in answer.request.headers:
            raise Trouble(Kind.REFUSED, "the login was refused")
        raise Trouble(Kind.NO_WAY_IN, f"our way to log in is not offered there; offered: {offered}")


def _schemes(answer: requests.Response) -> set[str]:
    told = answer.headers.get("WWW-Authenticate", "")
    return {each.strip().partition(" ")[0] for each in told.split(",") if each.strip()}

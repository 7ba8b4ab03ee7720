"""The client against a server of ours that plays Prefect on a bad day."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from msp_ops.prefect_api.api import PrefectApi
from msp_ops.prefect_api.errors import PrefectRefused, PrefectUnreachable


@contextmanager
def a_server_that_answers(*answers: tuple[int, object]) -> Iterator[str]:
    """One answer a request, in order."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = left.pop(0)
            self.send_response(status)
            said = json.dumps(body).encode()
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api"
        finally:
            server.shutdown()
            thread.join()


def test_a_busy_server_is_asked_again():
    with a_server_that_answers((503, {}), (503, {}), (200, [])) as url, PrefectApi(url, "u:p") as api:
        assert api.deployments() == ()


def test_a_server_of_another_password_is_told_from_one_that_is_not_there():
    refused = pytest.raises(PrefectRefused, match="refuses our password")
    with a_server_that_answers((401, {})) as url, PrefectApi(url, "u:p") as api, refused:
        api.answers()
    with PrefectApi(url, "u:p") as nobody:
        assert not nobody.answers()


def test_what_prefect_says_against_a_request_reaches_the_person():
    refused = pytest.raises(PrefectRefused, match=r"answered 409 to POST /api/deployments/filter: no such thing")
    with a_server_that_answers((409, {"detail": "no such thing"})) as url, PrefectApi(url, "u:p") as api, refused:
        api.deployments()


def test_a_server_that_is_not_there_says_what_starts_it():
    with PrefectApi("http://127.0.0.1:9/api", "u:p") as nobody, pytest.raises(PrefectUnreachable, match="msp-ops up"):
        nobody.deployments()

"""A server that answers as the four PSAs document it, keeps what it is given, and loses answers on demand."""

import json
import re
import socket
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from urllib.parse import parse_qs, urlsplit

KEPT = {"connectwise": "/time/entries", "autotask": "/V1.0/TimeEntries", "kimai": "/api/timesheets"}


class StandIn(ThreadingHTTPServer):
    """`faults` are spent one a request that would make an entry; `blind` ones at lookups.

    `keep and hold` answers nothing before `release` is set; `429 300` says when to come again.
    """

    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.entries, self.faults, self.blind, self.asked, self.most = [], [], [], [], 10_000
        self.release, self.at_work, self.lock = Event(), 0, Lock()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/at-work":
            self.answer(200, self.server.at_work)
            return
        self.server.asked.append(("GET", self.path, dict(self.headers)))
        if not self.blinded():
            self.list_entries(parts.path, query)

    def do_POST(self):
        with self.server.lock:
            self.server.at_work += 1
        try:
            self.take_post()
        finally:
            with self.server.lock:
                self.server.at_work -= 1

    def take_post(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(("POST", self.path, body))
        if self.path == "/V1.0/TimeEntries/query":
            if not self.blinded():
                wanted = {each["field"]: each["value"] for each in body["filter"] if each["op"] == "eq"}
                found = [e for e in self.server.entries if all(e.get(k) == v for k, v in wanted.items())]
                self.answer(200, {"items": found[: body["MaxRecords"]], "pageDetails": {"nextPageUrl": None}})
            return
        self.make_entry(body)

    def make_entry(self, body):
        fault = self.server.faults.pop(0) if self.server.faults else ""
        if fault == "vanish":
            return self.hang_up()
        if fault[:3].isdigit():
            return self.answer(int(fault[:3]), {"message": f"refused, {self.headers['Authorization']}"}, fault[4:])
        ticket = re.fullmatch(r"/api/v1/tickets/(\d+)/timer_entry", self.path)
        with self.server.lock:
            there = {**body, "id": len(self.server.entries) + 1, **({"ticket_id": int(ticket[1])} if ticket else {})}
            self.server.entries.append(there)
        if fault == "keep and hold":
            self.server.release.wait(30)
        if fault in {"keep and vanish", "keep and hold"}:
            return self.hang_up()
        if fault.startswith("keep and "):
            return self.answer(int(fault.removeprefix("keep and ")), {"message": "late"})
        return self.answer(200, {"itemId": there["id"]} if self.path.startswith("/V1.0") else there)

    def list_entries(self, path, query):
        found = self.server.entries
        if ticket := re.fullmatch(r"/api/v1/tickets/(\d+)", path):
            timers = [each for each in found if each["ticket_id"] == int(ticket[1])]
            return self.answer(200, {"ticket": {"id": int(ticket[1]), "ticket_timers": timers}})
        if path == KEPT["kimai"]:
            found = [
                e for e in found if str(e["user"]) == query["user"] and query["begin"] <= e["begin"] <= query["end"]
            ]
            return self.answer(200, found[: int(query["size"])])
        pattern = r'timeStart>=\[(.+?)\] and timeStart<\[(.+?)\] and member/identifier="(.+)"'
        since, until, member = re.fullmatch(pattern, query["conditions"]).groups()
        found = [e for e in found if since <= e["timeStart"] < until and e["member"]["identifier"] == member]
        return self.answer(200, found[: int(query["pageSize"])])

    def blinded(self):
        blind = self.server.blind.pop(0) if self.server.blind else ""
        if blind == "vanish":
            self.hang_up()
        elif blind:
            self.answer(int(blind), {"message": "no"})
        return bool(blind)

    def hang_up(self):
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def answer(self, status, said, again_after=""):
        content = json.dumps(said).encode()
        self.send_response(status)
        if again_after:
            self.send_header("Retry-After", again_after)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(OSError):  # who asked may have died
            self.wfile.write(content)


@contextmanager
def stand_in(port=0):
    with StandIn(port) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()

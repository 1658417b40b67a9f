"""Somebody else's machine that receives webhooks: a real HTTP server that answers as it is told."""

import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Reply:
    """`hold`: answer only when the receiver is released. `dumb`: hang up without an answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    hold: bool = False
    dumb: bool = False


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """The body, by the official library: it raises when the signature is not right or the time is not now."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *replies: Reply, then: Reply | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies, self.then = list(replies), then or Reply()
        self.received: list[Received] = []
        self.released = threading.Event()
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/in?from=cs"

    def wait_for(self, count: int, patience: float = 60.0) -> None:
        """Until so many requests have arrived, answered or not."""
        until = time.monotonic() + patience
        while len(self.received) < count:
            assert time.monotonic() < until, f"{len(self.received)} of {count} requests came"
            time.sleep(0.01)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Senders that were killed, or gave up waiting, hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            reply = self.server.replies.pop(0) if self.server.replies else self.server.then
            self.server.received.append(Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        if reply.hold:
            self.server.released.wait(60)
        self.close_connection = True
        if reply.dumb:
            return
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

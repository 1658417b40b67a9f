"""A road between a client and the door on which replies get lost: a local HTTP proxy, the fake at the edge."""

import http.client
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

# What happens to the first requests; afterwards the road is good. "drop" and "slow" lose the reply of a batch that was stored.
MODES = ("good", "slow", "drop", "limited", "closed", "restart")
BAD_REQUESTS = 2
CLIENT_TIMEOUT = 1.0


class Road(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, target: str, mode: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target, self.mode, self.seen = urlsplit(target).netloc, mode, 0
        self.statuses: list[int] = []
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def is_bad_now(self) -> bool:
        with self._lock:
            self.seen += 1
            return self.mode != "good" and self.seen <= BAD_REQUESTS

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that gave up waiting hang up on us: that is what we are for."""


class _Handler(BaseHTTPRequestHandler):
    server: Road
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mode = self.server.mode if self.server.is_bad_now() else "good"
        if mode in {"limited", "closed"}:
            self._answer(429 if mode == "limited" else 503, b'{"code": "busy", "message": "Come again."}', {"Retry-After": "1"})
        elif mode == "restart":
            self.close_connection = True
        else:
            status, reply = self._forward(body)
            self.server.statuses.append(status)
            if mode == "slow":
                time.sleep(CLIENT_TIMEOUT * 1.6)
            if mode == "drop":
                self.close_connection = True
            else:
                self._answer(status, reply, {})

    def _forward(self, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.server.target, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection", "content-length"}}
        connection.request("POST", self.path, body, headers)
        response = connection.getresponse()
        reply = response.read()
        connection.close()
        return response.status, reply

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

"""A stand-in for Twilio's REST API that misbehaves by the number's last digits, for what its public description cannot show: lost answers.

+...01 answers 429, 02 answers 500, 03 answers HTML with status 200, 04 takes the message and closes the line, 05 takes it and answers too late,
06 answers 400 with code 21610 (opted out), 07 answers 503. What was taken is listed.
"""

import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ACCOUNT = "AC" + "a" * 32
TOO_LONG = 1.6


class Telephone(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: list[dict[str, Any]] = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that gave up waiting hang up on us: that is what we are for."""


class _Handler(BaseHTTPRequestHandler):
    server: Telephone
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        form = {name: values[0] for name, values in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
        fault = form["To"][-2:]
        if fault in ("01", "02", "06", "07"):
            status, code = {"01": (429, 20429), "02": (500, 20500), "06": (400, 21610), "07": (503, 20503)}[fault]
            return self._answer(status, {"code": code, "message": "No.", "status": status})
        sid = ("CA" if "Calls" in self.path else "SM") + uuid.uuid4().hex
        self.server.taken.append({"sid": sid, **form})
        if fault == "03":
            return self._write(200, b"<html>Oops</html>", "text/html")
        if fault == "04":
            self.close_connection = True
            return None
        if fault == "05":
            time.sleep(TOO_LONG)
        return self._answer(201, {"sid": sid, "status": "queued", "to": form["To"], "from": form["From"], "body": form.get("Body")})

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        kind = "calls" if "Calls" in self.path else "messages"
        found = [{"sid": one["sid"], "body": one.get("Body"), "to": one["To"]} for one in self.server.taken if one["To"] == asked["To"][0]]
        self._answer(
            200, {kind: [one for one in found if one["sid"].startswith("CA" if kind == "calls" else "SM")], "page": 0, "next_page_uri": None}
        )

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        self._write(status, json.dumps(body).encode(), "application/json")

    def _write(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

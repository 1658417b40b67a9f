"""A stand-in for the HTTP APIs of Twilio (messages, calls) and Resend (mails) that misbehaves: by the number's last digits, or by chance.

By number: +...01 answers 429, 02 answers 500, 03 answers HTML with status 200, 04 takes the message and closes the line, 05 takes it and answers too
late, 06 answers 400 with code 21610 (opted out), 07 answers 503. By chance: the shares given to Plan. What was taken is listed, as Twilio lists it.
A mail with an Idempotency-Key that is known already is the first one again, as at Resend. Run as a program it writes one JSON line per message taken.
"""

import argparse
import json
import threading
import time
import uuid
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .plan import Plan

ACCOUNT = "AC" + "a" * 32
TOO_LONG = 1.6
_BY_NUMBER = {"01": "429", "02": "500", "03": "html", "04": "drop", "05": "slow", "06": "gone", "07": "503"}
_REFUSED = {"429": (429, 20429), "500": (500, 20500), "gone": (400, 21610), "503": (503, 20503)}


class Provider(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 50

    def __init__(self, port: int = 0, *, plan: Plan | None = None, log: Path | None = None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.plan, self.log = plan, log
        self.taken: list[dict[str, Any]] = []
        # What it charged, by sid; not known at first.
        self.prices: dict[str, str] = {}
        self.by_key: dict[str, str] = {}
        self.tries: Counter[str] = Counter()
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that gave up waiting hang up on us: that is what we are for."""

    def store(self, name: str, sid: str, key: str, form: dict[str, Any]) -> str:
        """Take a message; the id of the first one where the key is known."""
        with self.lock:
            if key and key in self.by_key:
                return self.by_key[key]
            if key:
                self.by_key[key] = sid
            self.taken.append({"sid": sid, **form})
            if self.log is not None:
                with self.log.open("a") as lines:
                    lines.write(json.dumps({"at": time.time(), "message_id": name, "to": form.get("To", "")}) + "\n")
        return sid

    def fault(self, name: str, number: str) -> str:
        """What befalls this try."""
        if self.plan is None:
            return _BY_NUMBER.get(number[-2:], "")
        with self.lock:
            self.tries[name] += 1
            tries = self.tries[name]
        # Each try draws again, so a message gets through after a few.
        if self.plan.chance(f"refuse{tries}", name) < self.plan.refuse:
            return "429" if tries % 2 else "503"
        time.sleep(self.plan.pace(name))
        fault = self.plan.fault(f"{name}:{tries}")
        return fault if fault != "ill" else "500 taken" if tries % 2 else "html"


class _Handler(BaseHTTPRequestHandler):
    server: Provider
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path.startswith("/emails"):
            mail = json.loads(content)
            to = mail["to"][0]
            form = {"To": to if isinstance(to, str) else to["email"]}
            return self._take(mail["headers"]["Message-ID"], uuid.uuid4().hex, form, key=self.headers.get("Idempotency-Key", ""))
        form = {name: values[0] for name, values in parse_qs(content).items()}
        sid = ("CA" if "Calls" in self.path else "SM") + uuid.uuid4().hex
        # The address to call back names the message.
        return self._take(urlsplit(form.get("StatusCallback", "")).path.rsplit("/", 1)[-1], sid, form)

    def _take(self, name: str, sid: str, form: dict[str, Any], key: str = "") -> None:
        fault = self.server.fault(name, form["To"])
        if fault in _REFUSED:
            status, code = _REFUSED[fault]
            return self._answer(status, {"code": code, "name": "refused", "message": "No.", "status": status})
        sid = self.server.store(name, sid, key, form)
        if fault == "500 taken":
            return self._answer(500, {"code": 20500, "message": "No.", "status": 500})
        if fault == "html":
            return self._write(200, b"<html>Oops</html>", "text/html")
        if fault == "drop":
            self.close_connection = True
            return None
        if fault == "slow":
            time.sleep(self.server.plan.too_long if self.server.plan else TOO_LONG)
        return self._answer(
            201 if sid[:2] in ("SM", "CA") else 200,
            {"id": sid, "sid": sid, "status": "queued", "to": form["To"], "from": form.get("From"), "body": form.get("Body")},
        )

    def do_GET(self) -> None:
        sid = urlsplit(self.path).path.rpartition("/")[2].removesuffix(".json")
        if any(one["sid"] == sid for one in self.server.taken):
            return self._answer(200, {"sid": sid, "status": "delivered", "price": self.server.prices.get(sid), "price_unit": "USD"})
        asked = parse_qs(urlsplit(self.path).query)
        kind = "calls" if "Calls" in self.path else "messages"
        with self.server.lock:
            found = [{"sid": one["sid"], "body": one.get("Body"), "to": one["To"]} for one in self.server.taken if one["To"] == asked["To"][0]]
        return self._answer(
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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    Plan.arguments(parser)
    given = vars(parser.parse_args())
    Provider(given.pop("port"), log=given.pop("log"), plan=Plan(**given))
    print("ready", flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()

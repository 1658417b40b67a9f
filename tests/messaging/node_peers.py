"""Peers that nobody here wrote, each a Node process of its own: Twilio's public API description served by Prism, and a web-push service."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.faults.peer import free_port

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "var" / "node" / "node_modules"
_SPEC = ROOT.parent / "shared" / "data" / "twilio" / "twilio_api_v2010.json"
_ERRORS = {429: (20429, "Too Many Requests"), 500: (20500, "Internal Server Error"), 400: (21211, "Invalid 'To' Phone Number")}
# Its own start listens on all interfaces and goes to the background.
_PUSH = """
const http = require('http'); const listen = http.Server.prototype.listen;
http.Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number' ? listen.call(this, port, '127.0.0.1', ...rest) : listen.call(this, port, ...rest);
};
const {PushApiModel} = require('web-push-testing/src/PushApiModel.js');
const Server = require('web-push-testing/src/server.js');
new Server(new PushApiModel(), Number(process.argv[1])).startServer();
"""


@contextmanager
def twilio(folder: Path) -> Iterator[str]:
    """The address of a Prism that answers as Twilio's description says: fresh ids, and an error for `Prefer: code=N`."""
    if not _SPEC.is_file():
        pytest.skip("NOT RUN: ../shared/data/twilio/twilio_api_v2010.json is not here")
    spec = folder / "twilio.json"
    spec.write_text(json.dumps(_readable(json.loads(_SPEC.read_text()))))
    port = free_port()
    command = [_node(), str(MODULES / ".bin" / "prism"), "mock", "--host", "127.0.0.1", "--port", str(port), "--dynamic", str(spec)]
    with _running(command, f"http://127.0.0.1:{port}/"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def push_service() -> Iterator[str]:
    """The address of a push service that decrypts what it gets."""
    port = free_port()
    with _running([_node(), "-e", _PUSH, str(port)], f"http://127.0.0.1:{port}/status"):
        yield f"http://127.0.0.1:{port}"


def _node() -> str:
    node = shutil.which("node")
    if node is None or not (MODULES / "web-push-testing").exists():
        pytest.skip("NOT RUN: node with its packages is not in var/node (make test fetches them where npm is)")
    return node


@contextmanager
def _running(command: list[str], address: str) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={"NODE_PATH": str(MODULES), "PATH": "/usr/bin:/bin"})
    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                requests.get(address, timeout=2)
                break
            except requests.RequestException:
                assert process.poll() is None, process.stderr.read() if process.stderr else ""
                assert time.monotonic() < deadline, f"{command[1]} did not answer in time"
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _readable(spec: dict[str, Any]) -> dict[str, Any]:
    """Prism reads a form key that comes several times only where the description says how; and it knows errors only where they are described."""
    for item in spec["paths"].values():
        for operation in item.values():
            if not isinstance(operation, dict) or "responses" not in operation:
                continue
            form = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
            for name, schema in form.get("schema", {}).get("properties", {}).items():
                if schema.get("type") == "array":
                    form.setdefault("encoding", {})[name] = {"style": "form", "explode": True}
            for status, (code, words) in _ERRORS.items():
                example = {"code": code, "message": words, "status": status}
                content = {"application/json": {"schema": {"type": "object"}, "example": example}}
                operation["responses"].setdefault(str(status), {"description": words, "content": content})
    return spec

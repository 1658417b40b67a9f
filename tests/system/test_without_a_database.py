"""A database that takes the line and never answers: the process lives, says in time that it is not ready, and comes back by itself."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request

import pytest

from cs_platform.local.__main__ import web_command
from tests.product import Product, wait_for

pytestmark = pytest.mark.fault


def answer(url):
    began = time.monotonic()
    try:
        with urllib.request.urlopen(url, timeout=10) as found:
            return found.status, json.loads(found.read()), time.monotonic() - began
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read()), time.monotonic() - began


@pytest.fixture
def black_hole():
    """Takes every line and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = []

        def take():
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1]
        for line in taken:
            line.close()


@pytest.mark.django_db(transaction=True)
def test_alive_and_not_ready_within_a_second_and_a_half(black_hole, tmp_path):
    product = Product(tmp_path, SYSTEM_WATCH="1", DATABASE_URL=f"postgres://nobody@127.0.0.1:{black_hole}/nothing")
    try:
        product.start("web", web_command(product.port))

        def lives():
            try:
                return answer(f"{product.url}/health/live")
            except OSError:
                return None

        status, said, _ = wait_for(lives, what="the web process")
        assert (status, said) == (200, {"status": "ok"})
        for _ in range(3):
            status, said, seconds = answer(f"{product.url}/health/ready")
            assert (status, said["status"]) == (503, "not ready")
            assert seconds < 2
        status, _, seconds = answer(f"{product.url}/health/live")
        assert status == 200
        assert seconds < 1
    finally:
        product.stop_all()

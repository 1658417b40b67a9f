"""The product as real processes for the tests that need them: web, worker, beat, mailbox, against this test process's database and key prefix."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from cs_platform.local.__main__ import free_port, web_command

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable


def wait_for(condition: Callable[[], Any], *, seconds: float = 120, what: str | Callable[[], str] = "it") -> Any:
    """Poll until the condition is true and return its value. `what` may be words that are only found when it was in vain."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for {what if isinstance(what, str) else what()}")
        time.sleep(0.02)
    return found


class Product:
    """Processes that share this test's PostgreSQL database and Valkey prefix. `folder` is their CS_VAR; logs are in it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.mail_port = 0
        self.url = f"http://127.0.0.1:{self.port}"
        database = connection.settings_dict
        host = database["HOST"]
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"postgres://{database['USER']}@/{database['NAME']}?host={host}",
            "VALKEY_PREFIX": settings.VALKEY_PREFIX,
            "BASE_URL": self.url,
            "CS_VAR": str(folder),
            "EMAIL_HOST": str(settings.EMAIL_HOST),
            "EMAIL_PORT": str(settings.EMAIL_PORT),
            "DJANGO_SETTINGS_MODULE": "cs_platform.settings.test",
            **environment,
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{name}.log").open("ab")
        process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        log.close()
        self.processes[name] = process
        return process

    def start_web(self) -> None:
        process = self.start("web", web_command(self.port))

        def answers() -> bool:
            assert process.poll() is None, self.said("web")
            try:
                with urllib.request.urlopen(f"{self.url}/health/ready", timeout=2):
                    return True
            except (urllib.error.URLError, OSError):
                return False

        wait_for(answers, what="the web process")

    def start_worker(self, *, concurrency: int = 2, name: str = "worker", queues: str = "celery,messages,webhooks,rounds") -> None:
        command = [PYTHON, "-m", "celery", "-A", "cs_platform", "--quiet", "worker", "--concurrency", str(concurrency), "--loglevel", "INFO"]
        command += ["--without-gossip", "--without-mingle", "--queues", queues]
        self.start(name, [*command, "--hostname", f"{name}-{os.getpid()}@localhost"])
        wait_for(lambda: "ready." in self.said(name), what=f"the {name} process")

    def start_beat(self) -> None:
        schedule = str(self.folder / "beat")
        command = [PYTHON, "-m", "celery", "-A", "cs_platform", "--quiet", "beat", "--loglevel", "WARNING", "--pidfile", "", "--schedule", schedule]
        self.start("beat", command)

    def start_mailbox(self) -> None:
        """Takes the customers' replies, on `mail_port`."""
        self.mail_port = free_port()
        self.start("mailbox", [PYTHON, "manage.py", "mailbox", "--port", str(self.mail_port)])
        wait_for(lambda: "listens" in self.said("mailbox"), what="the mailbox process")

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        """The whole process group: a killed worker's pool must not live on."""
        process = self.processes.pop(name)
        try:
            if how == signal.SIGKILL:
                os.killpg(process.pid, how)
            else:
                process.send_signal(how)
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        except ProcessLookupError:
            process.wait()

    def stop_all(self) -> None:
        for name in reversed(list(self.processes)):
            self.stop(name)


@contextmanager
def running(*, web: bool = True, worker: bool = True, beat: bool = False, steward: bool = False, **environment: str) -> Iterator[Product]:
    """The product for the length of a `with`; needs a test database whose rows other processes can see (transactional_db).

    With a `steward` long rounds have a worker of their own, as in the real thing; otherwise one worker does everything.
    """
    with tempfile.TemporaryDirectory(prefix="cs-product-") as folder:
        product = Product(Path(folder), **environment)
        try:
            if web:
                product.start_web()
            if worker and steward:
                product.start_worker(queues="celery,messages,webhooks")
                product.start_worker(name="steward", queues="rounds")
            elif worker:
                product.start_worker()
            if beat:
                product.start_beat()
            yield product
        finally:
            product.stop_all()

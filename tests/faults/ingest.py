"""The ingest scenario: clients send batches while the database is killed, frozen or out of disk and Valkey dies; acknowledged must be stored, once.

It brings its own PostgreSQL, Valkey and web process, so that it may do to them what it likes.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg

from cs_platform.local.__main__ import free_port, web_command
from cs_platform.local.services import Services

_BATCH = 20


@dataclass
class Sent:
    """What a client knows: the ids of batches that were answered 200, and of those that never were."""

    acknowledged: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    statuses: dict[int, int] = field(default_factory=dict)


@dataclass
class IngestReport:
    scenario: str
    acknowledged: int
    lost: int
    doubled: int
    wrong: list[str]
    seconds: float
    statuses: dict[int, int]

    @property
    def passed(self) -> bool:
        return not self.wrong

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "passed": self.passed}

    def line(self) -> str:
        answers = ", ".join(f"{status or 'no answer'} x {count}" for status, count in sorted(self.statuses.items()))
        figures = f"lost {self.lost}  doubled {self.doubled}  unknown 0  acknowledged {self.acknowledged} events ({answers})"
        return f"{'ok  ' if self.passed else 'FAIL'} {'ingest: ' + self.scenario:44s} {figures}  {self.seconds:.1f} s"


class House:
    """PostgreSQL, Valkey and one web process in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.services = Services(folder / "house")
        self._web: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        own = {"DATABASE_URL": self.services.database_url, "VALKEY_URL": self.services.valkey_url, "CS_VAR": str(self.services.folder)}
        return {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "cs_platform.settings.dev", "CS_CLOCK_SHIFT": "0", "SECRET_KEY": "faults"}

    def open(self) -> str:
        """Start everything; returns a write key."""
        self.services.start()
        for words in (["prepare", "--migrate", "--quiet"], ["write_key", "faults", "--json"]):
            done = subprocess.run([sys.executable, "manage.py", *words], env=self.environment, capture_output=True, text=True, check=True)
        with (self.folder / "web.log").open("ab") as log:
            self._web = subprocess.Popen(web_command(self.port), env=self.environment, stdout=log, stderr=log, start_new_session=True)
        return str(json.loads(done.stdout.splitlines()[-1])["write_key"])

    @property
    def dsn(self) -> str:
        return self.services.database_url

    def close(self) -> None:
        if self._web:
            self._web.kill()
            self._web.wait()
        self.services.stop()

    def processes(self) -> list[int]:
        """Every process of our PostgreSQL, the postmaster first."""
        postmaster = int((self.services.folder / "postgres" / "postmaster.pid").read_text().split()[0])
        children = subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True, text=True).stdout.split()
        return [postmaster, *map(int, children)]

    def kill_database(self) -> None:
        _signal(self.processes(), signal.SIGKILL)
        time.sleep(1.5)
        self._start_again()

    def freeze_database(self) -> None:
        _signal(self.processes(), signal.SIGSTOP)
        time.sleep(3)
        _signal(self.processes(), signal.SIGCONT)

    def fill_disk(self) -> None:
        """No file may grow for a while, as when the disk is full; then the operator makes room and starts the server again."""
        processes = self.processes()
        for process in processes:
            subprocess.run([*_as_owner(process), "prlimit", "--pid", str(process), "--fsize=65536:"], capture_output=True)
        time.sleep(3)
        # The server may have gone by itself: PostgreSQL stops when it cannot write its log.
        _signal(processes, signal.SIGKILL)
        time.sleep(0.5)
        self._start_again()

    def kill_valkey(self) -> None:
        with psycopg.connect(self.dsn) as connection:
            connection.execute("select 1")
        found = subprocess.run(["pgrep", "-f", str(self.services.folder / "valkey")], capture_output=True, text=True).stdout.split()
        for process in map(int, found):
            os.kill(process, signal.SIGKILL)
        time.sleep(2)
        self.services.start()

    def _start_again(self) -> None:
        # A killed server that nobody has waited for still counts as the owner of its lock files.
        for process, _ in self.services._started:
            process.poll()
        (self.services.folder / "postgres" / "postmaster.pid").unlink(missing_ok=True)
        self.services.start()


def _signal(processes: list[int], how: signal.Signals) -> None:
    for process in processes:
        try:
            os.kill(process, how)
        except ProcessLookupError:
            continue


def _as_owner(process: int) -> list[str]:
    """Limits of a process are changed by its own user, who is not always ours: PostgreSQL does not run as root."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return []
    group = next(line.split()[1] for line in status.splitlines() if line.startswith("Gid:"))
    user = next(line.split()[1] for line in status.splitlines() if line.startswith("Uid:"))
    return [] if os.geteuid() != 0 or user == "0" else ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]


def run(name: str, hurt: Callable[[House], None], folder: Path, *, seconds: float = 12, clients: int = 3, times: int = 2) -> IngestReport:
    """Let clients send for a while, hurt the house now and then, let every client finish what it began, and count."""
    began, house = time.monotonic(), House(folder / uuid4().hex[:8])
    house.folder.mkdir(parents=True)
    try:
        key, stop, sents = house.open(), threading.Event(), [Sent() for _ in range(clients)]
        threads = [threading.Thread(target=_client, args=(house.port, key, sent, stop)) for sent in sents]
        _await_door(house.port)
        group = {"type": "group", "groupId": "acme", "traits": {"name": "Acme"}}
        assert _post(house.port, key, {"batch": [group]}) == 200
        for thread in threads:
            thread.start()
        for _ in range(times):
            time.sleep(seconds / (times + 1))
            hurt(house)
        time.sleep(seconds / (times + 1))
        stop.set()
        for thread in threads:
            thread.join(60)
        return _count(name, house, sents, time.monotonic() - began)
    finally:
        house.close()


def _client(port: int, key: str, sent: Sent, stop: threading.Event) -> None:
    """Sends a batch again until it is answered 200, as the SDKs do; the last one is finished after the bell, within 40 seconds."""
    while not stop.is_set():
        batch = uuid4().hex
        ids = [f"{batch}-{number}" for number in range(_BATCH)]
        items = [{"type": "track", "event": "Login", "messageId": one, "context": {"groupId": "acme"}} for one in ids]
        sent.open.update(ids)
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            status = _post(port, key, {"batch": items})
            sent.statuses[status] = sent.statuses.get(status, 0) + 1
            if status == 200:
                sent.open.difference_update(ids)
                sent.acknowledged.update(ids)
                break
            time.sleep(0.2)


def _post(port: int, key: str, body: dict[str, object]) -> int:
    headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(), "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/batch", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _await_door(port: int) -> None:
    deadline = time.monotonic() + 60
    while _post(port, "", {}) == 0:
        if time.monotonic() > deadline:
            raise RuntimeError("the web process did not come up; see web.log")
        time.sleep(0.2)


def _count(name: str, house: House, sents: list[Sent], seconds: float) -> IngestReport:
    with psycopg.connect(house.dsn) as connection:
        stored = [row[0] for row in connection.execute("select message_id from accounts_activityevent").fetchall()]
        rolled = connection.execute("select coalesce(sum(count), 0) from accounts_dailyrollup").fetchone()
    acknowledged = set().union(*(sent.acknowledged for sent in sents))
    statuses: dict[int, int] = {}
    for sent in sents:
        for status, count in sent.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    lost, doubled = len(acknowledged.difference(stored)), len(stored) - len(set(stored))
    wrong = [f"{lost} acknowledged events are not stored"] * (lost > 0) + [f"{doubled} events are stored twice"] * (doubled > 0)
    if rolled is None or rolled[0] != len(stored):
        wrong.append(f"the rollups count {rolled and rolled[0]} of {len(stored)} events")
    if any(sent.open for sent in sents):
        wrong.append("a client could not deliver within 40 seconds")
    if unexpected := set(statuses) - {0, 200, 429, 503}:
        wrong.append(f"answers that a client would not retry, or that say nothing: {sorted(unexpected)}")
    if not acknowledged:
        wrong.append("nothing was acknowledged at all")
    return IngestReport(name, len(acknowledged), lost, doubled, wrong, seconds, statuses)


SCENARIOS: dict[str, Callable[[House], None]] = {
    "PostgreSQL killed": House.kill_database,
    "PostgreSQL frozen": House.freeze_database,
    "disk full": House.fill_disk,
    "Valkey killed": House.kill_valkey,
}

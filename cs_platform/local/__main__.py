"""`make demo`, `make up`, `make test`, `make manage`, `make bench`, `make faults`, `make walk`: each is one word given to this module."""

import argparse
import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from .services import CannotStart, Services
from .supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("CS_VAR", ROOT / "var")).resolve()
PYTHON = sys.executable
BEGAN = time.monotonic()
# What `prepare` says when the schema is there, and when the demo company has lived its past.
_SCHEMA, _LAST_LAP = "schema up to date", "weeks of plays, messages, alerts and tasks"


def say(line: str) -> None:
    print(line, flush=True)


def step(line: str) -> None:
    say(f"{time.monotonic() - BEGAN:7.1f} s  {line}")


def secret_key() -> str:
    """Kept in the data folder so that sessions and links survive a restart."""
    path = VAR / "secret_key"
    if not path.exists():
        VAR.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(48))
        path.chmod(0o600)
    return path.read_text().strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(services: Services | None, *, settings: str = "dev", **more: str) -> dict[str, str]:
    """What our processes need; what the user set already wins."""
    own = {"DJANGO_SETTINGS_MODULE": f"cs_platform.settings.{settings}", "CS_VAR": str(VAR), "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    if services is not None:
        own |= {"DATABASE_URL": services.database_url, "VALKEY_URL": services.valkey_url}
    if not os.environ.get("SECRET_KEY"):
        own["SECRET_KEY"] = secret_key()
    # Importing this package has set DJANGO_SETTINGS_MODULE already (cs_platform.celery), so that one is never the user's word. And the packages are
    # installed without bytecode (Makefile): where it is not kept, each of our processes compiles them anew, which doubles its start or worse.
    ours = {"DJANGO_SETTINGS_MODULE", "PYTHONDONTWRITEBYTECODE"}
    return own | more | {key: value for key, value in os.environ.items() if value and key not in ours}


def brought_by_user() -> bool:
    """True when both servers come from the environment, as in production; half of a pair is refused."""
    database, valkey = os.environ.get("DATABASE_URL"), os.environ.get("VALKEY_URL") or os.environ.get("REDIS_URL")
    if bool(database) != bool(valkey):
        there, missing = ("DATABASE_URL", "VALKEY_URL") if database else ("VALKEY_URL", "DATABASE_URL")
        raise CannotStart(f"{there} is set and {missing} is not: set both, or neither for the embedded pair.")
    return bool(database)


def port_for_web() -> int:
    word = os.environ.get("PORT", "8000")
    if not word.isdigit() or not 1 <= int(word) <= 65535:
        raise CannotStart(f"PORT is {word!r}: set it to a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(word)))
        except OSError as error:
            raise CannotStart(f"Port {word} is taken ({error.strerror}). Choose another: make demo PORT=8001") from error
    return int(word)


_held: dict[Path, IO[str]] = {}


def _hold(path: Path, how: int, *, wait: bool = True) -> bool:
    """Take a lock file, shared or alone, until this process ends; False when somebody else has it and we do not wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = _held.setdefault(path, path.open("a+"))
    try:
        fcntl.flock(file, how if wait else how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def run_product(*, demo: bool, accounts: int, start_over: bool = False) -> int:
    """The whole product in this terminal until Ctrl-C."""
    if not _hold(VAR / "product.lock", fcntl.LOCK_EX, wait=False):
        raise CannotStart(f"It runs already from this folder ({VAR}). Stop it with Ctrl-C there, or use another checkout.")
    if not _hold(VAR / "services.lock", fcntl.LOCK_EX, wait=False):
        say("Waiting for a management command that is still at work here...")
        _hold(VAR / "services.lock", fcntl.LOCK_EX)
    port = port_for_web()
    if start_over:
        clear_data()
    url = f"http://127.0.0.1:{port}"
    services = None if brought_by_user() else Services(VAR)
    smtp = free_port()
    env = environment(services, BASE_URL=url, CS_DEMO="1" if demo else "0", **({"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(smtp)} if demo else {}))
    supervisor = Supervisor(env, VAR / "log", say)
    try:
        if services is not None:
            step(services.start())
        prepare = [PYTHON, "manage.py", "prepare", "--migrate", *(["--demo", str(accounts)] if demo else [])]

        def told(line: str) -> None:
            """The pages need the schema only, and half a minute of what is left suffices them to start."""
            step(line)
            if line.endswith(_LAST_LAP if demo else _SCHEMA):
                supervisor.start("web", web_command(port))

        code = supervisor.run(prepare, told)
        if supervisor.stopping or code:
            return 0 if supervisor.stopping else code
        celery = [PYTHON, "-m", "celery", "-A", "cs_platform", "--quiet"]
        if demo:
            supervisor.start("mailbox", [PYTHON, "manage.py", "mailbox", "--port", str(smtp)])
        supervisor.start("web", web_command(port))
        worker = [*celery, "worker", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
        supervisor.start("worker", [*worker, "--concurrency", "2", "--queues", "celery", "--hostname", "worker@%h"])
        supervisor.start("steward", [*worker, "--concurrency", "2", "--queues", "rounds", "--hostname", "steward@%h"])
        supervisor.start("messenger", [*worker, "--pool", "threads", "--concurrency", "12", "--queues", "messages", "--hostname", "messenger@%h"])
        # One process: it sends in threads of its own (apps/integrations/webhooks/dispatch.py).
        supervisor.start("herald", [*worker, "--pool", "solo", "--queues", "webhooks", "--hostname", "herald@%h"])
        supervisor.start("beat", [*celery, "beat", "--loglevel", "WARNING", "--pidfile", "", "--schedule", str(VAR / "beat")])
        if demo:
            supervisor.start("customers", [PYTHON, "manage.py", "demo_live"], needed=False)
        if not _answers(f"{url}/health/ready", supervisor):
            return 0 if supervisor.stopping else 1
        step("open for work")
        _welcome(url, demo)
        return supervisor.watch()
    finally:
        say("\nStopping...")
        supervisor.stop()
        if services is not None:
            services.stop()
        step("stopped")


def clear_data() -> None:
    """Forget the company and its mail; browsers and packages that the tests fetched stay."""
    for name in ("postgres", "valkey", "mailbox", "run", "log", "secret_key"):
        path = VAR / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


# Bytes of one message. Whatever a socket allows itself (the staff's: 8 kB), it says so in a farewell; only beyond this the connection is cut.
WS_MAX_SIZE = 8 * 1024 * 1024


def web_command(port: int) -> list[str]:
    uvicorn = [PYTHON, "-m", "uvicorn", "cs_platform.asgi:application", "--host", "127.0.0.1", "--port", str(port)]
    return [
        *uvicorn,
        "--ws",
        "websockets-sansio",
        "--ws-per-message-deflate",
        "false",
        "--ws-max-size",
        str(WS_MAX_SIZE),
        "--backlog",
        "4096",
        "--lifespan",
        "off",
        "--no-access-log",
        "--log-level",
        "warning",
    ]


def _answers(url: str, supervisor: Supervisor) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not supervisor.stopping:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  (our own http:// address)
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    if not supervisor.stopping:
        say(f"The web process does not answer on {url}. Its log: {VAR / 'log' / 'web.log'}")
    return False


def _welcome(url: str, demo: bool) -> None:
    say("")
    say(f"  Open {url}/")
    if demo:
        say("")
        say("  The demo company is synthetic. Sign in as               password")
        say("    csm@demo.test     a success manager, own book          demo-demo-1")
        say("    lead@demo.test    a team lead, the team's book         demo-demo-1")
        say("    admin@demo.test   an administrator, everything         demo-demo-1")
        say(f"  Mail that the platform sends: {url}/mailbox/")
    say("  Ctrl-C stops everything.")
    say("")


def run_with_services(command: list[str], *, folder: Path, durable: bool, settings: str, throw_away: bool) -> int:
    """One command against the embedded services (or the user's own), which are stopped afterwards if this call started them."""
    services = None if brought_by_user() else Services(folder, durable=durable)
    try:
        if services is not None and _hold(folder / "services.lock", fcntl.LOCK_SH, wait=False):
            services.start()
        elif services is not None:
            services.attach()
        env = environment(services, settings=settings)
        if throw_away:
            # Nor may tests find the demo's mail or keys.
            env["CS_VAR"] = str(folder)
        if services is not None and not throw_away:
            _prepare_if_empty(services, env)
        return subprocess.run(command, env=env, cwd=ROOT).returncode
    except KeyboardInterrupt:
        return 130
    finally:
        if services is not None and services.started_here:
            # Another command may have joined in the meantime: stop under nobody.
            _hold(folder / "services.lock", fcntl.LOCK_EX)
            services.stop()
        if throw_away:
            shutil.rmtree(folder, ignore_errors=True)


def _prepare_if_empty(services: Services, env: dict[str, str]) -> None:
    """The first command in a new folder finds a database as `make up` would leave it."""
    with (services.folder / "prepare.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if services.is_empty:
            print("A new company: preparing its database.", file=sys.stderr, flush=True)
            command = [PYTHON, "manage.py", "prepare", "--migrate", "--quiet"]
            subprocess.run(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m cs_platform.local", description=__doc__)
    parser.add_argument("word", choices=["demo", "demo-reset", "up", "manage", "test"])
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="passed on to manage.py or pytest")
    given = parser.parse_args()
    if given.rest and given.word not in ("manage", "test"):
        # Words that nothing reads, such as --help, must not start a whole product.
        parser.error(f"{given.word} takes no words of its own; DEMO_ACCOUNTS and PORT come from the environment")
    accounts = int(os.environ.get("DEMO_ACCOUNTS", "500"))
    if given.word == "demo":
        return run_product(demo=True, accounts=accounts)
    if given.word == "demo-reset":
        if brought_by_user():
            raise CannotStart("demo-reset only clears the embedded database in var/; drop your own database yourself.")
        return run_product(demo=True, accounts=accounts, start_over=True)
    if given.word == "up":
        return run_product(demo=False, accounts=0)
    if given.word == "manage":
        command = [PYTHON, "manage.py", *given.rest]
        return run_with_services(command, folder=VAR, durable=True, settings="dev", throw_away=False)
    # Tests get servers of their own in a folder of their own, so they run beside the demo and beside each other.
    folder = VAR / f"test-{os.getpid()}"
    return run_with_services([PYTHON, "-m", *given.rest], folder=folder, durable=False, settings="test", throw_away=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CannotStart as error:
        sys.exit(str(error))

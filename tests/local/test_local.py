"""The embedded services and the supervisor: they start, attach, and stop everything they started and nothing else."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from cs_platform.local.services import Services

ROOT = Path(__file__).resolve().parents[2]


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def answers(services: Services) -> tuple[bool, bool]:
    return services._postgres_answers(), services._valkey_answers()


def test_services_start_keep_data_attach_and_stop(tmp_path):
    first = Services(tmp_path / "var")
    try:
        assert "Valkey started" in first.start()
        with psycopg.connect(first.database_url.replace("postgres://", "postgresql://"), autocommit=True) as connection:
            connection.execute("create table kept (word text)")
            connection.execute("insert into kept values ('here')")
        assert redis.Redis.from_url(first.valkey_url).ping()

        second = Services(tmp_path / "var")
        assert "already running" in second.start()
        second.stop()
        assert answers(first) == (True, True), "who attached does not stop what another started"
    finally:
        first.stop()
    assert answers(first) == (False, False)

    again = Services(tmp_path / "var")
    try:
        again.start()
        with psycopg.connect(again.database_url.replace("postgres://", "postgresql://")) as connection:
            assert connection.execute("select word from kept").fetchone() == ("here",)
    finally:
        again.stop()


STARTER = """
import sys, time
from pathlib import Path
from cs_platform.local.services import Services
services = Services(Path(sys.argv[1]))
services.start()
print("up", flush=True)
time.sleep(60)
"""


def test_services_stop_when_their_starter_is_killed(tmp_path):
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(tmp_path / "var")], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    assert starter.stdout.readline() == "up\n"
    watcher = Services(tmp_path / "var")
    assert answers(watcher) == (True, True)
    starter.kill()
    starter.wait()
    wait_for(lambda: answers(watcher) == (False, False))


def test_a_very_deep_folder_keeps_its_sockets_in_the_temporary_folder(tmp_path):
    deep = Services(tmp_path / ("deep" * 20) / "var")
    assert len(deep.valkey_url) < 100


SUPERVISED = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from cs_platform.local.supervisor import Supervisor
    folder = Path(sys.argv[1])
    supervisor = Supervisor({"PATH": ""}, folder, lambda line: print(line, flush=True))
    child = "import os, time; from pathlib import Path; Path(r'%s').joinpath(str(os.getpid())).touch(); time.sleep(60)" % folder
    supervisor.start("steady", [sys.executable, "-c", child])
    print("watching", flush=True)
    code = supervisor.watch()
    supervisor.stop()
    sys.exit(code)
    """
)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_supervisor_restarts_what_dies_and_stops_what_it_started(tmp_path, how):
    process = subprocess.Popen([sys.executable, "-c", SUPERVISED, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "watching\n"

    def children() -> list[int]:
        return [int(path.name) for path in tmp_path.iterdir() if path.name.isdigit()]

    wait_for(children)
    os.kill(children()[0], signal.SIGKILL)
    assert process.stdout.readline() == "steady stopped (exit -9); started again.\n"
    wait_for(lambda: len(children()) == 2)
    process.send_signal(how)
    assert process.wait(20) == 0
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children()))


def test_a_child_that_cannot_live_stops_the_product_with_its_last_words(tmp_path):
    code = SUPERVISED.replace('[sys.executable, "-c", child]', '[sys.executable, "-c", "raise SystemExit(\'EMAIL_PORT is wrong\')"]')
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "EMAIL_PORT is wrong" in done.stdout


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"DATABASE_URL": "postgres://u@h/d", "VALKEY_URL": "", "REDIS_URL": ""}, "DATABASE_URL is set and VALKEY_URL is not: set both, or neither"),
        ({"DATABASE_URL": "", "VALKEY_URL": "redis://h/0"}, "VALKEY_URL is set and DATABASE_URL is not: set both, or neither"),
        ({"DATABASE_URL": "", "VALKEY_URL": "", "PORT": "nine"}, "PORT is 'nine': set it to a number from 1 to 65535."),
    ],
)
def test_a_half_set_environment_is_refused_with_one_line(tmp_path, changes, line):
    env = {key: value for key, value in {**os.environ, "CS_VAR": str(tmp_path), **changes}.items() if value}
    done = subprocess.run([sys.executable, "-m", "cs_platform.local", "up"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith(line)


def manage(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    env = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "VALKEY_URL", "DJANGO_SETTINGS_MODULE")} | {
        "CS_VAR": str(folder)
    }
    command = [sys.executable, "-m", "cs_platform.local", "manage", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)


WAITING = "print('in', flush=True); input(); from django.db import connection; connection.cursor().execute('select 1'); print('served')"


def test_a_command_that_joined_another_keeps_its_services_to_the_end(tmp_path):
    watcher = Services(tmp_path)
    first, second = [manage(tmp_path, "shell", "--no-imports", "-c", WAITING) for _ in range(2)]
    for command in (first, second):
        assert command.stdout is not None
        assert command.stdout.readline() == "in\n"
    # Whichever started the services ends its work first or last: both are served.
    assert first.stdin is not None
    first.stdin.write("\n")
    first.stdin.flush()
    assert first.stdout is not None
    assert first.stdout.readline() == "served\n"
    assert second.communicate("\n", timeout=30)[0] == "served\n"
    assert (first.wait(30), second.returncode) == (0, 0)
    wait_for(lambda: answers(watcher) == (False, False))


def test_a_command_on_a_new_folder_finds_a_prepared_database(tmp_path):
    out, _ = manage(tmp_path, "invariants", "--json").communicate(timeout=120)
    assert out.splitlines()[-1].endswith('"broken": []}')

"""Real worker processes, and ways to hurt them: whole process groups, so that nothing of a worker survives its kill."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path


class Crew:
    """A few `celery worker` processes that a test starts, kills at random and replaces; and as many `celery beat` beside them."""

    def __init__(self, size: int, log: Path, *, beats: int = 0, **environment: str) -> None:
        self._size = size
        self._beats = beats
        self._log = log
        self._environment = {**os.environ, **environment}
        self._started = 0
        self._members: list[subprocess.Popen[bytes]] = []
        self._leaving: list[subprocess.Popen[bytes]] = []
        self.kills = 0

    def fill(self) -> None:
        """Bring the crew to its full size."""
        self._members = [member for member in self._members if member.poll() is None]
        while len(self._members) < self._size:
            self._started += 1
            name = f"fault{self._started}@crew"
            flags = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
            self._members.append(self._start("worker", "--concurrency", "1", "-n", name, *flags))
        while self._beats:
            self._beats -= 1
            self._leaving.append(self._start("beat", "--pidfile", ""))

    def _start(self, *what: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "celery", "-A", "cs_platform", "--quiet", *what, "--loglevel", "WARNING"]
        with self._log.open("ab") as output:
            return subprocess.Popen(command, env=self._environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True)

    def kill_one(self) -> None:
        """SIGKILL to a random worker and everything it started."""
        alive = [member for member in self._members if member.poll() is None]
        if alive:
            self._finish(random.choice(alive))
            self.kills += 1

    def terminate_one(self, times: int) -> None:
        """SIGTERM, as an impatient operator sends it: `times` in a row. The first asks for a warm stop, more of them make it a cold one."""
        alive = [member for member in self._members if member.poll() is None]
        if alive:
            victim = random.choice(alive)
            self._members.remove(victim)
            self._leaving.append(victim)
            for _ in range(times):
                # Not Popen.send_signal, which reaps: an unreaped leader keeps its group's number from being given away.
                os.kill(victim.pid, signal.SIGTERM)
                time.sleep(0.05)
            self.kills += 1

    def dismiss(self) -> None:
        for member in [*self._members, *self._leaving]:
            self._finish(member)
        self._members.clear()
        self._leaving.clear()

    @staticmethod
    def _finish(member: "subprocess.Popen[bytes]") -> None:
        try:
            os.killpg(member.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            member.wait(10)

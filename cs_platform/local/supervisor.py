"""Runs our own processes (web, worker, beat, mailbox) and stops them all together, and nothing else."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .services import stop_with_parent

_GIVE_UP_AFTER = 5
_CALM_SECONDS = 60


@dataclass
class Child:
    name: str
    command: list[str]
    needed: bool
    process: subprocess.Popen[bytes] | None = None
    failures: list[float] = field(default_factory=list)


class Supervisor:
    """Starts children, restarts one that dies, and on Ctrl-C or SIGTERM stops every one it started.

    Signal handlers are set before the first child starts: an early kill would otherwise leave orphans on the port.
    """

    def __init__(self, environment: dict[str, str], logs: Path, say: Callable[[str], None]) -> None:
        self._environment = environment
        self._logs = logs
        self._say = say
        self._children: list[Child] = []
        self._passing: subprocess.Popen[str] | None = None
        self.stopping = False
        self._logs.mkdir(parents=True, exist_ok=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)

    def run(self, command: list[str], each_line: Callable[[str], None]) -> int:
        """A command that ends by itself, before the children start; asked to stop, it is ended too."""
        with subprocess.Popen(
            command,
            env=self._environment,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            preexec_fn=stop_with_parent(signal.SIGTERM),
        ) as self._passing:
            assert self._passing.stdout is not None
            for line in self._passing.stdout:
                each_line(line.rstrip())
        code, self._passing = self._passing.returncode, None
        return code

    def start(self, name: str, command: list[str], *, needed: bool = True) -> None:
        """Start and keep alive, unless it was started before; when one that is not `needed` cannot live, the rest goes on without it."""
        if any(child.name == name for child in self._children):
            return
        child = Child(name, command, needed)
        self._children.append(child)
        self._spawn(child)

    def watch(self) -> int:
        """Stay until asked to stop; 0 after an asked-for stop, 1 when a child could not be kept alive."""
        while not self.stopping:
            for child in self._children:
                if child.process is None or child.process.poll() is None:
                    continue
                child.failures = [at for at in child.failures if time.monotonic() - at < _CALM_SECONDS] + [time.monotonic()]
                if len(child.failures) >= _GIVE_UP_AFTER:
                    self._say(f"{child.name} keeps stopping (exit {child.process.returncode}). Its last words, from {self._log(child)}:")
                    self._say("\n".join(self._log(child).read_text(errors="replace").splitlines()[-15:]))
                    if child.needed:
                        return 1
                    child.process = None
                    continue
                self._say(f"{child.name} stopped (exit {child.process.returncode}); started again.")
                self._spawn(child)
            time.sleep(0.3)
        return 0

    def stop(self) -> None:
        alive = [child.process for child in self._children if child.process is not None and child.process.poll() is None]
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + 12
        for process in alive:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _spawn(self, child: Child) -> None:
        with self._log(child).open("ab") as output:
            child.process = subprocess.Popen(
                child.command,
                env=self._environment,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=stop_with_parent(signal.SIGTERM),
            )

    def _log(self, child: Child) -> Path:
        return self._logs / f"{child.name}.log"

    def _ask_to_stop(self, *_: object) -> None:
        if self.stopping:
            sys.exit(130)
        self.stopping = True
        if self._passing is not None:
            self._passing.terminate()

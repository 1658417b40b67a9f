"""Everything `make test` does: style, types and imports beside the tests, on both cores with coverage. Arguments run only those tests.

The browser and the Node packages that some tests need are fetched once into ./var; what cannot be had is listed at the end as NOT RUN.
"""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import browsers

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
BEGAN = time.monotonic()


def say(line: str) -> None:
    print(f"{time.monotonic() - BEGAN:6.0f} s  {line}", flush=True)


def check(name: str, *command: str) -> bool:
    began = time.monotonic()
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True)
    say(f"{name}: {'ok' if done.returncode == 0 else 'FAILED'} ({time.monotonic() - began:.0f} s)")
    if done.returncode:
        print((done.stdout + done.stderr).strip(), flush=True)
    return done.returncode == 0


def checks() -> bool:
    return all(
        [
            check("ruff", "ruff", "check", "."),
            check("ruff format", "ruff", "format", "--check", "."),
            check("import-linter", "lint-imports", "--no-cache"),
            check("mypy", "mypy"),
        ]
    )


def main() -> int:
    os.environ |= browsers.fetch(say)
    pytest = ["-m", "pytest", "-q"]
    if sys.argv[1:]:
        return subprocess.run([sys.executable, *pytest, *sys.argv[1:]], cwd=ROOT).returncode
    with ThreadPoolExecutor(1) as aside:
        checked = aside.submit(checks)
        tests = subprocess.run([sys.executable, "-m", "tests.covered", *pytest, "-n", "2", "--dist", "loadfile", "--durations=8"], cwd=ROOT)
    say("in all")
    if not checked.result():
        print("A check above FAILED.")
    return 0 if checked.result() and tests.returncode == 0 else 1


if __name__ == "__main__":
    if shutil.which("git") is None:
        print("git is missing; the tests need it to run as documented.")
    sys.exit(main())

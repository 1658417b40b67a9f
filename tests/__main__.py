"""Everything `make test` does: style, types and imports, then the tests on both cores with coverage. Arguments run only those tests.

The browser and the Node packages that some tests need are fetched once into ./var; what cannot be had is listed at the end as NOT RUN.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests import browsers

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
BEGAN = time.monotonic()
LEAST_COVERAGE = 90


def run(name: str, *command: str, quiet: bool = True) -> bool:
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=quiet, text=True)
    print(f"{time.monotonic() - BEGAN:6.0f} s  {name}: {'ok' if done.returncode == 0 else 'FAILED'} ({time.monotonic() - began:.0f} s)", flush=True)
    if done.returncode and quiet:
        print((done.stdout + done.stderr).strip(), flush=True)
    return done.returncode == 0


def main() -> int:
    os.environ |= browsers.fetch(lambda line: print(f"{time.monotonic() - BEGAN:6.0f} s  {line}", flush=True))
    pytest = [sys.executable, "-m", "pytest", "-q"]
    if sys.argv[1:]:
        return subprocess.run([*pytest, *sys.argv[1:]], cwd=ROOT).returncode
    checks = [
        run("ruff", str(BIN / "ruff"), "check", "."),
        run("ruff format", str(BIN / "ruff"), "format", "--check", "."),
        run("import-linter", str(BIN / "lint-imports"), "--no-cache"),
        run("mypy", str(BIN / "mypy")),
    ]
    for old in (ROOT / "var").glob(".coverage*"):
        old.unlink()
    tests = subprocess.run([*pytest, "-n", "2", "--dist", "loadfile", "--cov", "--cov-report=", "--durations=8"], cwd=ROOT)
    coverage = subprocess.run([str(BIN / "coverage"), "report", f"--fail-under={LEAST_COVERAGE}", "--sort=cover"], cwd=ROOT)
    print(f"{time.monotonic() - BEGAN:6.0f} s  in all", flush=True)
    if not all(checks):
        print("A check above FAILED.")
    return 0 if all(checks) and tests.returncode == 0 and coverage.returncode == 0 else 1


if __name__ == "__main__":
    if shutil.which("git") is None:
        print("git is missing; the tests need it to run as documented.")
    sys.exit(main())

"""Fetches what the browser and Node tests need, once: Chromium from Debian when root, else Playwright's own; npm packages into ./var/node."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The first draws no window around the page, which saves a quarter of what a browser test costs.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NODE_PACKAGES = ("@segment/analytics-node@3.1.0", "@stoplight/prism-cli@5.14.2", "web-push-testing@1.2.2")


def fetch(say: Callable[[str], None]) -> dict[str, str]:
    """Environment for the tests: CHROMIUM (path) and NODE_PATH where they could be had."""
    return _chromium(say) | _node(say)


def installed() -> str | None:
    """The path of the best browser that is here."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _chromium(say: Callable[[str], None]) -> dict[str, str]:
    if shutil.which(NAMES[0]) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        say("fetching Chromium (Debian package, once)")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=env, capture_output=True)
        for name in NAMES[:2]:
            command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", name, "fonts-dejavu-core"]
            done = subprocess.run(command, env=env, capture_output=True, text=True)
            if installed():
                break
            say(f"Debian's {name} could not be had: {done.stderr.strip()[-200:]}")
    found = installed()
    if found is None:
        folder = ROOT / "var" / "browsers"
        say("fetching Chromium (Playwright's own, once)")
        env = {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(folder)}
        done = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], env=env, capture_output=True, text=True)
        if done.returncode == 0:
            return {"PLAYWRIGHT_BROWSERS_PATH": str(folder), "CHROMIUM": "playwright"}
        say(f"No browser could be had, so the browser tests will not run: {done.stderr.strip()[-200:]}")
    return {"CHROMIUM": found} if found else {}


def _node(say: Callable[[str], None]) -> dict[str, str]:
    folder = ROOT / "var" / "node"
    modules = folder / "node_modules"
    if not all((modules / package.rpartition("@")[0]).exists() for package in NODE_PACKAGES):
        if shutil.which("npm") is None:
            say("npm is not here, so the tests with Node clients and peers will not run.")
            return {}
        say("fetching Node clients and peers (npm, once)")
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--silent", *NODE_PACKAGES]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            say(f"npm could not fetch them, so the tests with Node clients and peers will not run: {done.stderr.strip()[-200:]}")
            return {}
    return {"NODE_PATH": str(modules)}

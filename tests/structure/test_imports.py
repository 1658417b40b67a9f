"""Who may lean on whom. The layers stand in pyproject.toml; import-linter reads every import, also those inside functions."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What another app may import; everything else is private to its app.
PUBLIC = {"models", "selectors", "services", "types", "vocabulary"}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=folder, capture_output=True, text=True)


def private_reaches(folder: Path) -> list[str]:
    found = []
    for path in sorted((folder / "apps").rglob("*.py")):
        app = path.relative_to(folder / "apps").parts[0]
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for names in re.findall(r"^\s*(?:from|import) apps\.(\w+)(?:\.(\w+))?(?: import ([\w, ]+))?", line):
                target, room, imported = names
                rooms = [room] if room else [name.strip().split(" ")[0] for name in imported.split(",")]
                for name in rooms:
                    if target not in (app, "core") and name not in PUBLIC:
                        found.append(f"{path.relative_to(folder)}:{number} reaches into {target}.{name}, which is private")
    return found


@pytest.fixture
def copy(tmp_path):
    """The house without its data, to plant a violation in."""
    for name in ("apps", "cs_platform"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "migrations"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_run_one_way():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_no_app_reaches_into_the_private_rooms_of_another():
    assert private_reaches(ROOT) == []


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("apps/accounts/selectors.py", "from apps.churn import models"),
        ("apps/accounts/services.py", "def late():\n    from apps.alerts import services"),
        ("apps/events/services.py", "import cs_platform.schedule"),
        ("apps/churn/services.py", "from . import tasks"),
        ("apps/messaging/models.py", "from . import services"),
    ],
)
def test_a_planted_wrong_import_is_found(copy, where, line):
    path = copy / where
    path.write_text(f"{path.read_text()}\n\n{line}\n")
    assert lint(copy).returncode != 0


def test_a_planted_private_import_is_found(copy):
    path = copy / "apps/alerts/services.py"
    path.write_text(f"{path.read_text()}\nfrom apps.messaging.dispatch import claim\n")
    assert len(private_reaches(copy)) == 1


def test_every_app_has_a_place_in_the_order():
    placed = set(re.findall(r'"\(?apps\.(\w+)\)?"', (ROOT / "pyproject.toml").read_text()))
    assert {path.parent.name for path in (ROOT / "apps").glob("*/apps.py")} <= placed

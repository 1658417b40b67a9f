"""Where a version of a model comes from: its window of data, what it could read, and what it was made with."""

import hashlib
import json
import platform
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .dataset import Dataset

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "Django")


def made(data: Dataset, keys: Sequence[str], *, seconds: float) -> dict[str, Any]:
    """What is kept beside the parameters, so that a version can be understood and made again."""
    return {
        "window_from": data.dates[0].isoformat() if data.dates else "",
        "window_to": data.dates[-1].isoformat() if data.dates else "",
        "window_days": data.window,
        "features": sorted(keys),
        "features_hash": hashlib.sha256(json.dumps(sorted(keys)).encode()).hexdigest()[:16],
        "code": code(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "trained_seconds": round(seconds, 1),
    }


@cache
def code() -> str:
    """A short hash of the source that gathers, learns and scores: two versions with the same one were made by the same code."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        if "migrations" not in path.parts:
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]

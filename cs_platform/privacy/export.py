"""What is stored about a person, as a zip of JSON files: one per table, each row whole."""

import json
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db.models import Q

from apps.accounts.models import Contact
from apps.events.models import Change, Event

from .paths import paths_to, rows_of


def tables(people: Sequence[Contact]) -> dict[str, list[dict[str, Any]]]:
    """Table -> rows that lead to the person (who may be known in several accounts), and the history that names them by key."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for person in people:
        for model in paths_to(Contact):
            found[model._meta.label] += rows_of(model, person).order_by("pk").values()
        named = Q(subject=f"contact:{person.pk}") | Q(payload__contact_id=person.pk) | Q(actor=f"contact:{person.pk}")
        found["events.Event"] += map(dict, Event.objects.filter(named).order_by("pk").values())
        found["events.Change"] += map(dict, Change.objects.filter(subject=f"contact:{person.pk}").order_by("pk").values())
    return {label: rows for label, rows in found.items() if rows}


def write(people: Sequence[Contact], path: Path) -> dict[str, int]:
    """Write the zip; returns how many rows of each table it holds."""
    found = tables(people)
    counts = {label: len(rows) for label, rows in found.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for label, rows in found.items():
            archive.writestr(f"{label}.json", json.dumps(rows, default=str, ensure_ascii=False, indent=1))
        archive.writestr("contents.json", json.dumps(counts, indent=1))
    return counts
